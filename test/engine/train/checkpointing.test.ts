// Activation checkpointing changes what a reverse pass keeps, and nothing that it computes: with several outputs of a
// block too, as LoRAMoE's balance reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import { gradients } from "../../../engine/graph/autograd";
import { plan } from "../../../engine/graph/plan";
import { checkpointed, sizeOf, state, type Tensor } from "../../../engine/graph/tensor";
import { architectureOf } from "../../../engine/models";
import { uploadWeights } from "../../../engine/models/upload";
import { weightsOf } from "../../../engine/nn";
import { add, mul, softmax } from "../../../engine/ops";
import { newAdapter } from "../../../engine/train/adapter";
import { balancedLoss } from "../../../engine/train/balance";
import { newModel, shapeOf } from "../../../engine/train/newModel";
import { assertClose } from "../check";
import { normals } from "../random";

const n = 64;
const vocab = Array.from({ length: 50 }, (_, i) => `token ${i}`);

test("LoRAMoE with its balance: loss and gradients are the same with activation checkpointing, for less memory", async () => {
  const shape = shapeOf({ layers: 8, width: 32, hidden: 96, heads: 2 });
  const checkpoint = newModel("deep", shape, new Map([["tokenizer.ggml.tokens", vocab]]), 1);
  const { device } = await createDevice("reference", 1);
  try {
    const build = await architectureOf(checkpoint);
    await uploadWeights(checkpoint, build(n), device);
    const adapter = newAdapter({ kind: "loramoe", rank: 2, alpha: 4, experts: 4, targets: ["ffn_up", "ffn_down"] });
    const model = build(n, weightsOf(checkpoint.tensors, [adapter]));
    const { parameters, routers } = adapter;
    const { inputs, trace } = balancedLoss(model, n, { routers, experts: 4, weight: 1 });
    const values = {
      tokens: Int32Array.from({ length: n }, (_, i) => (7 * i) % 50),
      targets: Int32Array.from({ length: n }, (_, i) => (7 * i + 7) % 50),
      positions: Int32Array.from({ length: n }, (_, i) => i % 20),
      starts: Int32Array.from({ length: n }, (_, i) => (i < 20 ? 0 : 20)),
      weights: new Float32Array(n).fill(1 / n),
      coefficients: Float32Array.of(0.9, 0.9, 1.1, 1.1),
    };
    const sequence = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, dtype }]) => [name, state(name, shape, dtype)]),
    ) as Record<keyof typeof values, Tensor>;
    const initial = parameters.map(({ shape }) => normals(3 * sizeOf(shape)).map((value) => value / 4));

    const [kept, retraced] = [false, true].map((checkpointing) => {
      const loss = trace(sequence, checkpointing);
      const gs = gradients(
        loss,
        parameters.map(({ values }) => values),
      );
      return plan<string>({ loss, ...Object.fromEntries(parameters.map(({ name }, i) => [name, gs[i]])) });
    });
    const bytes = ({ slots }: typeof kept) => slots.reduce((sum, slot) => sum + slot, 0);
    assert.ok(bytes(retraced) < bytes(kept) / 3, `${bytes(retraced)} bytes, more than a third of ${bytes(kept)}`);

    const results = [];
    for (const planned of [kept, retraced]) {
      const prepared = await device.prepare(planned);
      for (const [name, given] of Object.entries(values)) device.write(name, given);
      for (const [i, { name }] of parameters.entries()) device.write(`train.${name}`, initial[i]);
      await prepared.run();
      results.push(
        await Promise.all(["loss", ...parameters.map(({ name }) => name)].map((name) => prepared.read(name))),
      );
      prepared.dispose();
    }
    const [expected, actual] = results;
    for (const [i, values] of expected.entries()) {
      assert.ok(values.some(Boolean), "all parameters have gradients");
      assertClose(actual[i], values, 1e-6);
    }
  } finally {
    await device.dispose();
  }
});

test("a segment whose outputs depend on each other, and are read apart, is traced once more and not twice", async () => {
  const [x, p] = [state("x", [2, 3]), state("p", [2, 3])];
  let traces = 0;
  const segment = () => {
    traces++;
    const a = softmax(mul(x, p));
    return [mul(a, a), a];
  };
  const read = ([square, a]: readonly Tensor[]) => add(mul(square, p), mul(a, x));
  const expected = gradients(read(segment()), [x, p]);
  traces = 0;
  const actual = gradients(read(checkpointed(segment)), [x, p]);
  assert.equal(traces, 2);

  const { device } = await createDevice("reference", 1);
  const prepared = await device.prepare(plan({ ofX: expected[0], ofP: expected[1], toX: actual[0], toP: actual[1] }));
  device.write("x", normals(6));
  device.write("p", normals(6));
  await prepared.run();
  assertClose(await prepared.read("toX"), await prepared.read("ofX"), 1e-7);
  assertClose(await prepared.read("toP"), await prepared.read("ofP"), 1e-7);
  await device.dispose();
});
