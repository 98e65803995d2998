// Resumable plans: what they compute does not depend on when they were interrupted, nor on what ran in between.

/// <reference path="../../../engine/device/wasm/webassembly.d.ts" />

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { type Device, Interrupted, type Prepared } from "../../../engine/device/device";
import { createReferenceDevice } from "../../../engine/device/reference/reference";
import { createWasmDevice } from "../../../engine/device/wasm";
import { encode, listBytes } from "../../../engine/device/wasm/encode";
import type { Region } from "../../../engine/device/wasm/lower";
import { startThreads } from "../../../engine/device/wasm/threads";
import { openGpu, webGpuDevice } from "../../../engine/device/webgpu";
import { plan } from "../../../engine/graph/plan";
import { state } from "../../../engine/graph/tensor";
import { add, advance, indexCopy, linear } from "../../../engine/ops";
import { integer, normals } from "../random";

const [rows, width] = [37, 64];

/** A call that is left out changes the values; one that is done twice changes the number of ticks. */
function long() {
  const at = state("at", [1], "i32");
  const [x, w] = [state("x", [rows, width]), state("w", [width, width])];
  let ticks = state("ticks", [1], "i32");
  let [a, b] = [x, add(x, x)];
  for (let i = 0; i < 12; i++) {
    [a, b] = [add(b, linear(a, w)), add(linear(b, w), a)];
    ticks = advance(ticks);
  }
  const log = indexCopy(state("log", [16, rows * width]), a.reshape(1, rows * width), advance(at));
  return plan({ a, b, ticks, log });
}

/** A plan that is as large, so that it would overwrite the long one's working memory if they shared it. */
function other() {
  const y = state("y", [rows, 2 * width]);
  let z = y;
  for (let i = 0; i < 6; i++) z = add(z, y);
  return plan({ z });
}

/** A thread that sets the word a moment after a message. Short and long moments are equally frequent. */
async function startInterrupter(word: Int32Array) {
  const told = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { parentPort, workerData: { word, told } } = require("node:worker_threads");
     parentPort.postMessage("ready");
     for (let seen = 0; ; ) {
       Atomics.wait(told, 0, seen);
       seen = Atomics.load(told, 0);
       if (seen < 0) break;
       for (let left = 2 ** (Math.random() * 22); left > 0; left--);
       Atomics.store(word, 0, 1);
     }`,
    { eval: true, workerData: { word, told } },
  );
  await once(worker, "message");
  return {
    soon() {
      Atomics.add(told, 0, 1);
      Atomics.notify(told, 0);
    },
    async end() {
      Atomics.store(told, 0, -1);
      Atomics.notify(told, 0);
      await once(worker, "exit");
    },
  };
}

/** How often a run was interrupted until it came to its end. */
async function insist(prepared: Prepared, times: number, between: () => Promise<void>): Promise<number> {
  for (let interrupted = 0; ; interrupted++)
    try {
      await prepared.run(times);
      return interrupted;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await between();
    }
}

const devices: Readonly<Record<string, () => Promise<Device>>> = {
  reference: async () => createReferenceDevice(),
  "wasm, 1 thread": () => createWasmDevice(1),
  "wasm, 2 threads": () => createWasmDevice(2),
  "wasm, 3 threads": () => createWasmDevice(3),
  webgpu: async () => webGpuDevice(await openGpu()),
};

for (const [name, open] of Object.entries(devices))
  test(`${name}: a run that is interrupted repeatedly gives what an uninterrupted one gives`, async () => {
    const device = await open();
    const [times, wanted] = device.kind === "wasm" ? [16, 40] : [3, 12];
    const between = await device.prepare(other());
    const step = await device.prepare(long(), { resumable: true });
    device.write(
      "w",
      normals(width * width).map((value) => value / 8),
    );
    device.write("y", new Float32Array(rows * 2 * width).fill(1));
    const x = normals(rows * width);

    async function results() {
      const outputs = (["a", "b", "ticks", "log"] as const).map((name) => step.read(name));
      return (await Promise.all(outputs)).map((values) => [...values]);
    }
    function reset() {
      device.write("at", Int32Array.of(-1));
      device.write("ticks", Int32Array.of(0));
      device.write("x", x);
      device.write("log", new Float32Array(16 * rows * width));
    }

    reset();
    await step.run(times);
    const expected = await results();
    assert.ok(expected.flat().every(Number.isFinite));

    const interrupter = await startInterrupter(device.interrupt);
    for (let interrupted = 0; interrupted < wanted; ) {
      reset();
      interrupter.soon();
      interrupted += await insist(step, times, async () => {
        await insist(between, 1, async () => {});
        assert.deepEqual(new Set(await between.read("z")), new Set([7]));
        if (integer(0, 3)) interrupter.soon();
      });
      assert.deepEqual(await results(), expected);
    }
    await interrupter.end();
    await device.dispose();
  });

test("a resumable plan frees its memory, even in the middle of a run", async () => {
  for (const open of [devices["wasm, 2 threads"], devices.webgpu]) {
    const device = await open();
    const holder = await device.prepare(long()); // of the states
    const before = device.memory();
    const first = await device.prepare(long(), { resumable: true });
    const each = device.memory() - before;
    assert.ok(each > 2 * rows * width * 4);
    const second = await device.prepare(long(), { resumable: true });
    assert.equal(device.memory(), before + 2 * each); // nothing is shared
    Atomics.store(device.interrupt, 0, 1);
    await assert.rejects(first.run(), Interrupted);
    first.dispose();
    await second.run();
    second.dispose();
    assert.equal(device.memory(), before);
    holder.dispose();
    await device.dispose();
  }
});

test("on the CPU a run stops after the chunks in progress, and resumes with the next", async () => {
  const threads = await startThreads(1, "kernels-plain.wasm");
  const heap = Math.ceil(threads.kernels.heapAddress() / 64) * 64;
  const region = (address: number): Region => ({ address, bytes: 256, arena: false, constant: false });
  const [list, ones, before, after] = [heap, heap + 1024, heap + 1280, heap + 1536].map(region);
  const valuesAt = ({ address }: Region) => new Float32Array(threads.memory.buffer, address, 64);
  const doubled = (writes: Region, items: number) => ({
    kernel: { kernel: "add", items, grain: 8 },
    params: { size: items },
    inputs: [ones, ones].map((region) => ({ region, from: 0 })),
    outputs: [{ region: writes, from: 0 }],
    reads: [ones],
    writes: [writes],
  });
  const interrupt = doubled(region(threads.interrupt.byteOffset), 1);
  const phases = [[[doubled(before, 64)], [interrupt], [doubled(after, 64)]]];
  const room = new Uint8Array(threads.memory.buffer, list.address, listBytes(3));
  encode(phases, 0, room, threads.kernelNamed);
  valuesAt(ones).fill(1);

  const remainder = threads.run({ calls: list.address, count: 3, times: 1, local: 0, localBytes: 0 });
  assert.ok(remainder);
  assert.deepEqual([...valuesAt(before)], new Array(64).fill(2));
  assert.deepEqual([...valuesAt(after)], new Array(64).fill(0));
  valuesAt(before).fill(0);
  assert.equal(threads.resume(remainder), undefined);
  assert.deepEqual([...valuesAt(before)], new Array(64).fill(0)); // not done again
  assert.deepEqual([...valuesAt(after)], new Array(64).fill(2));
  await threads.dispose();
});
