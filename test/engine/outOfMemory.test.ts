// Each allocation fails in turn, until none is left to fail: a failed operation keeps no memory, and the session in use
// still works.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Device } from "../../engine/device/device";
import { createWasmDevice } from "../../engine/device/wasm";
import { DeviceMemoryError } from "../../engine/device/wasm/memory";
import { openGpu, webGpuDevice } from "../../engine/device/webgpu";
import { createEngine, type Engine } from "../../engine/engine";
import type { Session } from "../../engine/generate/session";
import { uploadWeights } from "../../engine/models/upload";
import { createFineTuning } from "../../engine/train/fineTuning";
import { fineTuningOptions } from "../../engine/train/options";
import { pack } from "../../engine/train/pack";
import { openModel, randomAdapter } from "./load/adapters";

const checkpoint = await openModel("llama.gguf");
after(() => checkpoint.close());

/** Without the marks of fill-in-the-middle, which this model does not have. */
const adapter = (experts?: number) => ({ ...randomAdapter(checkpoint, 2, experts), metadata: {} });
const lora = { adapter: adapter(), scale: 1 };
const mixture = { adapter: adapter(2), scale: 0.5 };

const ids = Int32Array.from({ length: 33 }, (_, i) => (i * 7) % 90);
const data = { project: pack([{ ids, learned: new Uint8Array(33).fill(1) }], 32), replay: [] };

/** What takes memory of a device on which an engine is in use; each returns what gives it back. */
const operations: Readonly<Record<string, (engine: Engine) => Promise<() => unknown>>> = {
  async adapt(engine) {
    await engine.adapt([lora, mixture]);
    return () => engine.adapt([]);
  },
  async trial(engine) {
    const session = await engine.trial([lora], 48);
    try {
      await write(session);
    } catch (error) {
      session.dispose();
      throw error;
    }
    return session.dispose;
  },
  async "prefill of another length"({ session }) {
    await session.prefill(Array.from({ length: 30 }, (_, i) => i + 5));
    return () => {};
  },
  async "fine-tuning"({ model }) {
    const options = { ...fineTuningOptions("loramoe", 1), size: 2 };
    const training = await createFineTuning(model, options, data, async () => {});
    return training.dispose;
  },
  async "a second model"({ model: { device, build } }) {
    const namespace = device.namespace();
    try {
      await uploadWeights(checkpoint, build(64), namespace);
    } catch (error) {
      namespace.dispose();
      throw error;
    }
    return namespace.dispose;
  },
};

/** From the same prompt, as it is read whole and as it is read again. */
async function write(session: Session): Promise<number[]> {
  const written: number[] = [];
  for (let time = 0; time < 2; time++)
    for await (const { id } of session.generate([5, 17, 3, 80, 4], { maxTokens: 2 })) written.push(id);
  return written;
}

const load = (device: Device) => createEngine(checkpoint, { device, reason: "a test" }, { context: 64 });

/** Why the operation fails, if it does: the error is the device's then, and nothing else has changed. */
async function failure(engine: Engine, operate: (engine: Engine) => Promise<() => unknown>, named: string) {
  const { session } = engine;
  const before = { written: await write(session), memory: engine.memory() };
  try {
    await operate(engine);
  } catch (error) {
    assert.equal((error as Error).name, named, String(error));
    assert.equal(engine.session, session);
    assert.equal(engine.memory(), before.memory, "what was taken is given back");
    assert.deepEqual(await write(session), before.written);
    assert.equal(engine.memory(), before.memory);
    return error;
  }
}

for (const [name, operate] of Object.entries(operations)) {
  test(`cpu: ${name}, with ever more memory, until there is enough`, async () => {
    let failures = 0;
    for (let maxBytes = 0, done = false; !done; ) {
      const device = await createWasmDevice(1, { maxBytes }).catch((error) => error as Error);
      const error = device instanceof Error ? device : await attempt(device);
      if (!error) break;
      assert.ok(error instanceof DeviceMemoryError && error.needed > maxBytes);
      maxBytes = error.needed;
    }
    assert.ok(failures > 0);

    /** Why it failed, be it that the model does not even load. */
    async function attempt(device: Device): Promise<unknown> {
      let engine: Engine;
      try {
        engine = await load(device);
        await write(engine.session);
      } catch (error) {
        await device.dispose();
        return error;
      }
      const error = await failure(engine, operate, DeviceMemoryError.name);
      if (error) failures++;
      await engine.dispose();
      return error;
    }
  });

  test(`gpu: ${name}, where the first buffer is refused, the second, the third …`, async (t) => {
    const opened = await openGpu(false);
    const { gpu } = opened;
    const create = gpu.createBuffer.bind(gpu);
    const tooLarge = { size: gpu.limits.maxBufferSize }; // allowed, and more than the software GPU of the tests has
    let left = 0;
    gpu.createBuffer = (descriptor) => create({ ...descriptor, ...(--left === 0 && tooLarge) });
    const engine = await load(webGpuDevice(opened));
    let failures = 0;
    const failing = async (engine: Engine) => {
      left = failures + 1;
      try {
        return await operate(engine);
      } finally {
        left = 0;
      }
    };
    while (await failure(engine, failing, "GpuMemoryError")) failures++;
    assert.ok(failures > 0);
    t.diagnostic(`${failures} allocations failed`);
    await engine.dispose();
  });

  test(`${name} gives back all that it takes`, async () => {
    for (const device of [await createWasmDevice(1), webGpuDevice(await openGpu())]) {
      const engine = await load(device);
      await write(engine.session);
      const takenBack = async () => {
        await (await operate(engine))();
        await write(engine.session);
        return engine.memory();
      };
      const after = await takenBack();
      for (let time = 0; time < 2; time++) assert.equal(await takenBack(), after);
      await engine.dispose();
    }
  });
}
