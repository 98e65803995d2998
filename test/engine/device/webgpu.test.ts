// The GPU device: memory, and error messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createReferenceDevice } from "../../../engine/device/reference/reference";
import { openGpu, probeWebGpu, webGpuDevice } from "../../../engine/device/webgpu";
import { createSession } from "../../../engine/generate/session";
import { plan } from "../../../engine/graph/plan";
import { state } from "../../../engine/graph/tensor";
import { openCheckpoint } from "../../../engine/load";
import { architectureOf } from "../../../engine/models";
import { uploadWeights } from "../../../engine/models/upload";
import { add, advance, gather, indexCopy } from "../../../engine/ops";
import { fixture } from "../models/open";

async function open(checked = true) {
  const opened = await openGpu(checked);
  return { gpu: opened.gpu, device: webGpuDevice(opened) };
}

/** A plan that doubles a state of `size` ones. */
async function doubling(device: Awaited<ReturnType<typeof open>>["device"], size = 8) {
  const x = state(`x.${size}`, [size]);
  const prepared = await device.prepare(plan({ y: add(x, x) }));
  device.write(`x.${size}`, new Float32Array(size).fill(1));
  return prepared;
}

test("the probe names the adapter, and says where it emulates a GPU on the CPU", async () => {
  const { available, hardware, description, reason } = await probeWebGpu();
  assert.ok(available);
  assert.match(description, /\w/);
  assert.match(reason, hardware ? /at hand/ : /computes on the CPU/);
});

test("in Electron's Node the probe says why no GPU can be used", async () => {
  const probe = await probeWebGpu({ ...process.versions, electron: "39.2.0" });
  assert.deepEqual(probe, {
    available: false,
    hardware: false,
    description: "no GPU",
    reason: "Electron's Node cannot read back from a GPU; a Node.js of its own, 20 or later, can",
  });
});

test("a plan runs several times without returning to the host", async () => {
  const { device } = await open();
  const at = state("at", [1], "i32");
  const counted = await device.prepare(
    plan({ log: indexCopy(state("log", [9, 1], "i32"), at.reshape(1, 1), advance(at)) }),
  );
  device.write("at", Int32Array.of(2));
  await counted.run(5);
  assert.deepEqual([...(await device.readState("log", 0, 9))], [0, 0, 0, 3, 4, 5, 6, 7, 0]);
  assert.deepEqual(await device.readState("log", 4, 2), Int32Array.of(4, 5));
  await device.dispose();
});

test("a model passes Dawn's validation, and agrees with the float64 reference", async () => {
  const { device } = await open();
  const checkpoint = await openCheckpoint(fixture("qwen2.gguf"));
  const tokens: number[][] = [];
  for (const each of [device, createReferenceDevice()]) {
    const model = (await architectureOf(checkpoint))(64);
    await uploadWeights(checkpoint, model, each);
    const session = await createSession(model, each);
    const sampling = { temperature: 0.8, topK: 40, topP: 0.9, minP: 0.01, repetition: { penalty: 1.1, window: 8 } };
    const written: number[] = [];
    for await (const { id } of session.generate([5, 17, 3, 99, 4, 8, 120], { maxTokens: 10, sampling }))
      written.push(id);
    tokens.push(written);
    await each.dispose();
  }
  await checkpoint.close();
  assert.equal(tokens[0].length, 10);
  assert.deepEqual(tokens[0], tokens[1]);
});

test("plans share their working memory and free it", async () => {
  const { device } = await open();
  const [small, large] = [await doubling(device, 100), await doubling(device, 10_000)];
  await large.run();
  await small.run();
  assert.deepEqual([...(await small.read("y"))], new Array(100).fill(2));
  const states = 4 * (100 + 10_000);
  assert.ok(device.memory() > states + 4 * 10_000);
  const before = device.memory();
  const again = await doubling(device, 10_000);
  assert.ok(device.memory() < before + 1024);
  for (const plan of [small, large, again]) plan.dispose();
  assert.equal(device.memory(), 0);
  await device.dispose();
});

test("a lost device rejects the calls in progress and every later one", async () => {
  const { gpu, device } = await open();
  const doubled = await doubling(device);
  const sentence = /^The GPU was lost: device was destroyed$/;
  await doubled.run();
  gpu.destroy();
  await assert.rejects(doubled.read("y"), { message: sentence });
  assert.match(await device.lost, sentence);
  await assert.rejects(doubled.run(), { message: sentence });
  await assert.rejects(device.readState("x.8", 0, 1), { message: sentence });
  await assert.rejects(doubling(device, 9), { message: sentence });
  await device.dispose();
});

test("a device that is disposed of is not reported as lost", async () => {
  const { gpu, device } = await open();
  await device.dispose();
  await gpu.lost;
  assert.equal(await Promise.race([device.lost, Promise.resolve("in use")]), "in use");
});

test("a device can be disposed of in the middle of a run", async () => {
  const { device } = await open();
  const doubled = await doubling(device, 100_000);
  await doubled.run(20);
  const reading = assert.rejects(doubled.read("y"), /^Error: The GPU was closed$/);
  await device.dispose();
  await reading;
  await assert.rejects(doubled.run(), /^Error: The GPU was closed$/);
});

test("an error that no call throws is thrown before results are returned", async () => {
  const { gpu, device } = await open();
  const doubled = await doubling(device);
  gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await assert.rejects(
    () => doubled.run().then(() => doubled.read("y")),
    /^Error: The GPU reported an error: .*BufferUsage/,
  );
  assert.match(await device.lost, /^The GPU reported an error: /);
  await device.dispose();
});

test("a tensor larger than a buffer may be is refused with both sizes", async () => {
  const { gpu, device } = await open();
  const limit = Math.min(gpu.limits.maxBufferSize, gpu.limits.maxStorageBufferBindingSize);
  const weight = { name: "big", type: "f32" as const, shape: [limit / 4 + 4] };
  await assert.rejects(device.upload({ ...weight, read: async () => assert.fail("nothing should be read") }), {
    name: "GpuMemoryError",
    message: `The GPU takes ${limit / 2 ** 20} MB at once, but the weight big needs ${limit / 2 ** 20 + 1} MB`,
  });
  await device.dispose();
});

test("running out of memory is an error, and what was prepared before still works", async () => {
  const { gpu, device } = await open(false);
  const doubled = await doubling(device);
  const size = Math.min(gpu.limits.maxBufferSize, gpu.limits.maxStorageBufferBindingSize) / 4;
  const fill = async () => {
    for (let i = 0; ; i++) {
      const table = state(`table.${i}`, [size, 1]);
      await device.prepare(plan({ row: gather(table, state("id", [1], "i32")) }));
    }
  };
  await assert.rejects(fill, {
    name: "GpuMemoryError",
    message: /^The GPU has no room for the state table\.\d+: \d+ MB beside/,
  });
  await doubled.run();
  assert.deepEqual([...(await doubled.read("y"))], new Array(8).fill(2));
  await device.dispose();
});
