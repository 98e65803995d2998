// The CPU device: the order of calls, memory, interruption, and error messages.

/// <reference path="../../../engine/device/wasm/webassembly.d.ts" />

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Interrupted } from "../../../engine/device/device";
import { createWasmDevice } from "../../../engine/device/wasm";
import { createMemory, DeviceMemoryError } from "../../../engine/device/wasm/memory";
import { startThreads } from "../../../engine/device/wasm/threads";
import { plan } from "../../../engine/graph/plan";
import { type Shape, state, Tensor } from "../../../engine/graph/tensor";
import { add, advance, gather, indexCopy, linear } from "../../../engine/ops";
import { randomWeight } from "../check";

const weight = (name: string, shape: Shape, type: "q8_0" | "f32" = "q8_0") =>
  new Tensor(shape, type, { kind: "weight", name });

/** A plan that increments a counter and writes down each of its values. */
const counting = () => {
  const at = state("at", [1], "i32");
  return plan({ log: indexCopy(state("log", [9, 1], "i32"), at.reshape(1, 1), advance(at)) });
};

test("a plan runs several times without returning to the host", async () => {
  const device = await createWasmDevice(3);
  const counted = await device.prepare(counting());
  device.write("at", Int32Array.of(2));
  await counted.run(5);
  assert.deepEqual([...(await device.readState("log", 0, 9))], [0, 0, 0, 3, 4, 5, 6, 7, 0]);
  assert.deepEqual(await device.readState("log", 4, 2), Int32Array.of(4, 5));
  await device.dispose();
});

test("a long chain of calls gives the same on any number of threads, every time", async () => {
  const x = state("x", [5, 64]);
  let [a, b, c] = [x, x, x];
  for (let i = 0; i < 40; i++)
    [a, b, c] = [linear(add(b, c), weight("w", [64, 64])), add(a, linear(a, weight("w", [64, 64]))), add(c, a)];
  const chain = plan({ a, b, c });
  const stored = randomWeight("q8_0", 64, 64) as { bytes: Uint8Array };
  const results: Float32Array[][] = [];
  for (const threads of [1, 2, 3, 5]) {
    const device = await createWasmDevice(threads);
    const read = async (from: number, length: number) => stored.bytes.slice(from, from + length);
    await device.upload({ name: "w", type: "q8_0", shape: [64, 64], read });
    const prepared = await device.prepare(chain);
    device.write(
      "x",
      Float32Array.from({ length: 320 }, (_, i) => Math.sin(i) * 1e-30),
    );
    for (let round = 0; round < 20; round++) {
      await prepared.run();
      results.push((await Promise.all([prepared.read("a"), prepared.read("b"), prepared.read("c")])) as Float32Array[]);
    }
    await device.dispose();
  }
  assert.ok(results[0].flatMap((values) => [...values]).every((value) => Number.isFinite(value)));
  for (const result of results) assert.deepEqual(result, results[0]);
});

test("another thread interrupts a run, and the device runs again", async () => {
  const device = await createWasmDevice(2);
  const counted = await device.prepare(counting());
  const stopper = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     parentPort.once("message", () => Atomics.store(workerData, 0, 1));
     parentPort.postMessage("ready");`,
    { eval: true, workerData: device.interrupt },
  );
  await once(stopper, "message");
  stopper.postMessage("stop");
  await assert.rejects(counted.run(2 ** 31 - 1), Interrupted); // it would take an hour
  device.write("at", Int32Array.of(0));
  await counted.run(3);
  assert.deepEqual(await device.readState("at", 0, 1), Int32Array.of(3));
  await device.dispose();
});

test("a run does not begin where the interrupt was set before", async () => {
  const device = await createWasmDevice(2);
  const counted = await device.prepare(counting());
  Atomics.store(device.interrupt!, 0, 1);
  await assert.rejects(counted.run(), Interrupted);
  assert.deepEqual(await device.readState("at", 0, 1), Int32Array.of(0));
  await device.dispose();
});

test("plans share their working memory, and free what is theirs alone", async () => {
  const device = await createWasmDevice(2);
  const doubling = (size: number) => {
    const x = state(`x.${size}`, [size]);
    return plan({ y: add(x, x) });
  };
  const small = await device.prepare(doubling(100));
  device.write("x.100", new Float32Array(100).fill(1));
  await small.run();
  const large = await device.prepare(doubling(100_000));
  assert.deepEqual(await small.read("y"), new Float32Array(100).fill(2)); // though the memory has moved
  device.write("x.100000", new Float32Array(100_000).fill(3));
  await large.run();
  await small.run();
  assert.deepEqual(await small.read("y"), new Float32Array(100).fill(2));

  const before = device.memory();
  for (let i = 0; i < 50; i++) {
    const again = await device.prepare(doubling(100_000));
    await again.run();
    assert.deepEqual((await again.read("y")).slice(0, 2), Float32Array.of(6, 6));
    again.dispose();
  }
  assert.equal(device.memory(), before);
  await device.dispose();
});

test("a state keeps its values from plan to plan, and may change its shape when none uses it", async () => {
  const device = await createWasmDevice(1);
  const first = await device.prepare(counting());
  await first.run(4);
  const second = await device.prepare(counting());
  await second.run();
  assert.deepEqual(await device.readState("at", 0, 1), Int32Array.of(5));
  const other = plan({ at: advance(state("at", [2], "i32")) });
  await assert.rejects(device.prepare(other), /at has shape \(1\); another plan needs it as \(2\)/);
  first.dispose();
  second.dispose();
  const third = await device.prepare(other);
  await third.run();
  assert.deepEqual(await third.read("at"), Int32Array.of(1, 1));
  await device.dispose();
});

test("a weight is read once, in pieces of whole tiles", async () => {
  const device = await createWasmDevice(2);
  const [rows, columns] = [5000, 1024];
  const { bytes } = randomWeight("q8_0", 1, columns) as { bytes: Uint8Array };
  const asked: [number, number][] = [];
  await device.upload({
    name: "w",
    type: "q8_0",
    shape: [rows, columns],
    async read(from, length) {
      asked.push([from, length]);
      const piece = new Uint8Array(length);
      for (let at = 0; at < length; at += bytes.length) piece.set(bytes, at);
      return piece;
    },
  });
  const tile = 8 * bytes.length;
  let end = 0;
  for (const [from, length] of asked) {
    assert.equal(from, end);
    assert.ok(length <= 2 ** 22 && (length % tile === 0 || from + length === rows * bytes.length));
    end = from + length;
  }
  assert.equal(end, rows * bytes.length);
  assert.ok(asked.length > 1);
  assert.ok(device.memory() < 1.01 * end);

  const ids = state("ids", [3], "i32");
  const rowsOf = await device.prepare(plan({ rows: gather(weight("w", [rows, columns]), ids) }));
  device.write("ids", Int32Array.of(0, 2500, 4999));
  await rowsOf.run();
  const read = (await rowsOf.read("rows")) as Float32Array;
  assert.deepEqual(read.slice(0, columns), read.slice(columns, 2 * columns));
  assert.deepEqual(read.slice(0, columns), read.slice(2 * columns));
  await device.dispose();
});

test("freed memory is reused, zeroed where asked for, and where it is short the error says so", () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const memory = createMemory(shared, 1000);
  const [a, b, c] = [memory.allocate(1000), memory.allocateZeros(70_000), memory.allocate(10)];
  assert.ok([a, b, c].every((address) => address % 64 === 0 && address >= 1000));
  assert.ok(b >= a + 1000 && c >= b + 70_000);
  new Uint8Array(shared.buffer, b, 70_000).fill(7);
  memory.free(b);
  const [d, e] = [memory.allocateZeros(60_000), memory.allocate(5000)];
  assert.ok(d === b && e > d && e < c);
  assert.ok(new Uint8Array(shared.buffer, d, 60_000).every((byte) => byte === 0));
  assert.throws(() => memory.allocate(200_000), {
    name: DeviceMemoryError.name,
    message: /does not fit into the CPU's memory of 4\.0 GB: 0\.00 GB are in use and 0\.00 GB more are needed/,
  });
  assert.throws(() => memory.free(12), /nothing to free/);
  for (const address of [a, c, d, e]) memory.free(address);
  assert.equal(memory.used(), 0);
  assert.equal(memory.allocate(150_000), a);
});

test("a thread's crash is reported, and no run waits for that thread", async () => {
  const threads = await startThreads(2, "kernels-plain.wasm");
  const call = threads.kernels.heapAddress();
  const words = new Int32Array(threads.memory.buffer, call, 32);
  words.set([9999, 1, 1, 1]); // an opcode that no kernel has
  words.set([1, 1], 17); // one share
  const run = () => threads.run({ calls: call, count: 1, times: 1, local: 0, localBytes: 0 });
  assert.throws(run);
  assert.match(await threads.lost, /can no longer be used: one of its threads has crashed/);
  assert.throws(run, /can no longer be used/);
  await threads.dispose();
});
