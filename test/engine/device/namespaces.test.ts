// Several models on one device: each computes what it computes alone, whatever names the others use and when they are disposed of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import type { Namespace } from "../../../engine/device/device";
import { createSession, type Session } from "../../../engine/generate/session";
import { plan } from "../../../engine/graph/plan";
import { filled, state, Tensor } from "../../../engine/graph/tensor";
import { openCheckpoint } from "../../../engine/load";
import { architectureOf } from "../../../engine/models";
import { uploadWeights } from "../../../engine/models/upload";
import { add, gather, indexCopy, linear, rmsNorm, scale, sliceColumns, softmax } from "../../../engine/ops";
import { assertClose, randomWeight } from "../check";
import { devices, fixture } from "../models/open";

/** Two models with the same tensor names and shapes, but different RoPE: one has its positions scaled. */
const models = ["llama.gguf", "llama-linear.gguf"];

async function load(name: string, device: Namespace): Promise<Session> {
  const checkpoint = await openCheckpoint(fixture(name));
  try {
    const model = (await architectureOf(checkpoint))(64);
    await uploadWeights(checkpoint, model, device);
    return await createSession(model, device);
  } finally {
    await checkpoint.close();
  }
}

async function write(session: Session): Promise<number[]> {
  const prompt = Array.from({ length: 30 }, (_, i) => (i * 37 + 11) % 90);
  const ids: number[] = [];
  for await (const { id } of session.generate(prompt, { maxTokens: 8 })) ids.push(id);
  return ids;
}

for (const choice of devices) {
  test(`${choice}: two models on one device write what each writes alone, and one outlives the other`, async () => {
    const alone: number[][] = [];
    for (const name of models) {
      const { device } = await createDevice(choice, 2);
      alone.push(await write(await load(name, device)));
      await device.dispose();
    }
    assert.notDeepEqual(alone[0], alone[1]);

    const { device } = await createDevice(choice, 2);
    const empty = device.memory();
    const [first, second] = [device.namespace(), device.namespace()];
    const sessions = [await load(models[0], first)];
    await write(sessions[0]);
    const withFirst = device.memory();
    sessions.push(await load(models[1], second));
    for (const i of [0, 1, 0, 1]) assert.deepEqual(await write(sessions[i]), alone[i]);

    second.dispose();
    assert.equal(device.memory(), withFirst);
    assert.deepEqual(await write(sessions[0]), alone[0]);
    first.dispose();
    assert.equal(device.memory(), empty);
    assert.deepEqual(await write(await load(models[1], device.namespace())), alone[1]);
    await device.dispose();
  });

  test(`${choice}: a namespace finds the weights of the one that encloses it, but not its states`, async () => {
    const { device } = await createDevice(choice, 1);
    const outer = device.namespace();
    const inner = outer.namespace();
    const values = Float32Array.of(1, 2, 3, 4);
    const read = async () => new Uint8Array(values.buffer);
    await outer.upload({ name: "w", type: "f32", shape: [4], read });
    await assert.rejects(outer.upload({ name: "w", type: "f32", shape: [4], read }), /The weight w .* already/);
    const sum = () => plan({ y: add(new Tensor([4], "f32", { kind: "weight", name: "w" }), state("x", [4])) });
    const [a, b] = [await outer.prepare(sum()), await inner.prepare(sum())];
    outer.write("x", Float32Array.of(10, 10, 10, 10));
    inner.write("x", Float32Array.of(20, 20, 20, 20));
    await a.run();
    assert.deepEqual(await a.read("y"), Float32Array.of(11, 12, 13, 14));
    await b.run();
    assert.deepEqual(await b.read("y"), Float32Array.of(21, 22, 23, 24));
    await assert.rejects(device.namespace().prepare(sum()), /The weight w has not been uploaded/);

    inner.dispose();
    await a.run();
    assert.deepEqual(await a.read("y"), Float32Array.of(11, 12, 13, 14));
    await assert.rejects(inner.prepare(sum()), /has been disposed of/);
    const late = outer.namespace();
    outer.dispose();
    await assert.rejects(late.prepare(sum()), /The weight w has not been uploaded/);
    await assert.rejects(late.prepare(plan({ y: add(state("x", [4]), state("x", [4])) })), /has been disposed of/);
    await device.dispose();
  });

  test(`${choice}: an op that cannot read a weight in its storage type is refused, and the error names both`, async () => {
    const { device } = await createDevice(choice, 1);
    for (const [name, shape] of Object.entries({ w: [4, 64], gain: [64] })) {
      const { bytes } = randomWeight("q8_0", ...shape) as { bytes: Uint8Array };
      const read = async (from: number, length: number) => bytes.slice(from, from + length);
      await device.upload({ name, type: "q8_0", shape, read });
    }
    const weight = (name: string, ...shape: number[]) => new Tensor(shape, "q8_0", { kind: "weight", name });
    const [w, gain] = [weight("w", 4, 64), weight("gain", 64)];
    const [x, ids] = [state("x", [4, 64]), state("ids", [1], "i32")];
    for (const [op, y] of Object.entries({
      add: add(x, w),
      scale: scale(w, { by: 2 }),
      softmax: softmax(w),
      rmsNorm: rmsNorm(w, gain, { eps: 0 }),
      sliceColumns: sliceColumns(w, { from: 0, to: 2 }),
      linear: linear(w.reshape(4, 64), x),
      "The output y": w,
    }))
      await assert.rejects(
        device.prepare(plan({ y })),
        new RegExp(`^Error: ${op}: expected f32, got the weight w, which is stored as q8_0$`),
      );
    await assert.rejects(
      device.prepare(plan({ y: linear(x, w.rows(1, 3)) })),
      /^Error: linear: the weight w, which is stored as q8_0, can only be read whole$/,
    );
    await device.prepare(
      plan({ y: rmsNorm(linear(x, w).reshape(1, 16), filled(1, [16]), { eps: 0 }), rows: gather(w, ids) }),
    );
    await device.prepare(plan({ y: rmsNorm(x, gain, { eps: 0 }), gain }));
    await device.dispose();
  });

  test(`${choice}: an f16 state is read only by ops that can, in its own shape, and written in whole rows`, async () => {
    const { device } = await createDevice(choice, 1);
    const table = (...shape: number[]) => state("table", shape, "f16");
    await assert.rejects(
      device.prepare(plan({ y: scale(table(2, 4), { by: 2 }) })),
      /^Error: scale: expected f32, got the state table, which is f16$/,
    );
    const [rows, at] = [state("rows", [1, 4]), state("at", [1], "i32")];
    await assert.rejects(
      device.prepare(plan({ y: indexCopy(table(4, 2).reshape(2, 4), rows, at) })),
      /^Error: indexCopy: the state table, which is f16, can only be read whole, in its own shape$/,
    );
    await device.prepare(plan({ table: indexCopy(table(2, 4), rows, at) }));
    await assert.rejects(
      device.prepare(plan({ y: scale(state("table", [2, 4]), { by: 2 }) })),
      /^Error: table is f16; another plan needs it as f32$/,
    );
    assert.throws(
      () => device.write("table", new Float32Array(2)),
      /^RangeError: .* table is written in rows of 4 values$/,
    );
    device.write("table", Float32Array.of(1, -2, 0.5, 3), 4);
    const [zero, ...rest] = await device.readState("table", 3, 5);
    assert.equal(zero, 0);
    assertClose(rest, [1, -2, 0.5, 3], 1e-4);
    await device.dispose();
  });

  test(`${choice}: a state that no plan has, or an access past a state's end, is refused by name`, async () => {
    const { device } = await createDevice(choice, 1);
    await device.prepare(plan({ y: scale(state("x", [8]), { by: 2 }) }));
    assert.throws(() => device.write("x", new Float32Array(9)), /^RangeError: The state x holds 8 values, not 9$/);
    await assert.rejects(device.readState("x", 4, 5), /^RangeError: The state x holds 8 values, not 9$/);
    assert.throws(() => device.write("none", new Float32Array(1)), /^Error: No plan has a state named none$/);
    await device.dispose();
  });
}
