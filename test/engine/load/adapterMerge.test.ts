import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { relative } from "node:path";
import { type TestContext, test } from "node:test";
import type { StorageType } from "../../../engine/graph/storage";
import { openCheckpoint } from "../../../engine/load";
import { type Adapter, baseOf, mergeAdapter, readAdapter } from "../../../engine/load/adapter";
import { changedLayers } from "../../../engine/load/adapter/adapter";
import { type Checkpoint, CheckpointError } from "../../../engine/load/checkpoint";
import { dequantize } from "../../../engine/load/dequantize";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { type QuantizableType, quantize } from "../../../engine/load/quantize";
import { furthestApart, logitsOf, fixture as modelFixture, withSession } from "../models/open";
import { normals } from "../random";
import { openModel, randomAdapter, valuesOf } from "./adapters";
import { randomBlocks } from "./blocks";
import { fixture, temporaryFolder } from "./folder";

/** W + factor · BA in float64, element by element. */
async function expectedWeight(base: Checkpoint, adapter: Adapter, name: string, factor: number): Promise<Float64Array> {
  const { outputs, inputs, a, b } = changedLayers(adapter).get(name)!;
  const sum = Float64Array.from(await valuesOf(base, name));
  const rank = a.length / inputs;
  for (let row = 0; row < outputs; row++)
    for (let column = 0; column < inputs; column++)
      for (let k = 0; k < rank; k++) sum[row * inputs + column] += factor * b[row * rank + k] * a[k * inputs + column];
  return sum;
}

test("a merged F32 model is W + s·α/r·BA; all else is the base's, byte for byte", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  const adapter = randomAdapter(base, 3);
  const report = await mergeAdapter(base, adapter, 0.75, folder.at("merged.gguf"));
  const merged = await openCheckpoint(folder.at("merged.gguf"));
  t.after(() => Promise.all([base.close(), merged.close()]));

  assert.equal(merged.metadata.get("general.name"), "llama + a lesson");
  assert.deepEqual([...merged.metadata.keys()], [...base.metadata.keys()]);
  for (const [key, value] of base.metadata)
    if (key !== "general.name") assert.deepEqual(merged.metadata.get(key), value);
  assert.deepEqual(merged.metadataTypes, base.metadataTypes);
  assert.deepEqual([...merged.tensors.keys()], [...base.tensors.keys()]);

  const changed = changedLayers(adapter);
  assert.deepEqual(
    report.map(({ name }) => name),
    [...changed.keys()],
  );
  for (const [name, { bytes }] of base.tensors)
    if (changed.has(name)) {
      const expected = await expectedWeight(base, adapter, name, (0.75 * 16) / 3);
      const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      assert.ok(furthestApart(await valuesOf(merged, name), expected) <= 1e-6 * largest);
    } else assert.deepEqual(await merged.read(name, 0, bytes), await base.read(name, 0, bytes));
  for (const { from, to, lost } of report) assert.ok(from === "f32" && to === "f32" && lost < 1e-6);
});

for (const [scale, key] of [
  [1, "logits"],
  [0.5, "half"],
] as const)
  test(`merged with scale ${scale}, a model has peft's logits`, async (t) => {
    const folder = await temporaryFolder(t);
    const base = await openModel("llama.gguf");
    const adapter = await readAdapter(fixture("load/fixtures/adapter"), baseOf(base));
    await mergeAdapter(base, adapter, scale, folder.at("merged.gguf"));
    await base.close();
    const peft = JSON.parse(await readFile(fixture("load/fixtures/adapter.json"), "utf8"));
    const merged = relative(modelFixture("."), folder.at("merged.gguf"));
    const logits = await withSession(merged, "reference", (session) => logitsOf(session, peft.tokens));
    assert.ok(
      furthestApart(logits, peft[key].flat()) <= 1e-4,
      `furthest apart: ${furthestApart(logits, peft[key].flat())}`,
    );
  });

const written: Record<StorageType, QuantizableType> = {
  f32: "f32",
  f16: "f16",
  bf16: "bf16",
  q4_0: "q8_0",
  q4_1: "q8_0",
  q5_0: "q8_0",
  q5_1: "q8_0",
  q8_0: "q8_0",
  q2_k: "q8_0",
  q3_k: "q8_0",
  q4_k: "q8_0",
  q5_k: "q8_0",
  q6_k: "q8_0",
};

/** Merges a weight of each type, compares it with what it should be stored as, and the loss that is reported. */
async function expectMerged(t: TestContext, types: StorageType[], outputs: number): Promise<void> {
  const folder = await temporaryFolder(t);
  const [inputs, rank] = [768, 2];
  const weight = (type: string) => `${type}.weight`;
  const base = memoryCheckpoint(
    [["general.architecture", "llama"]],
    types.map((type) => ({
      name: weight(type),
      type,
      shape: [outputs, inputs],
      data: randomBlocks(type, outputs * inputs),
    })),
  );
  const tensors = new Map(
    types.flatMap((type) => [
      [`${weight(type)}.lora_a`, { shape: [rank, inputs], values: normals(rank * inputs) }],
      [`${weight(type)}.lora_b`, { shape: [outputs, rank], values: normals(outputs * rank) }],
    ]),
  );
  const adapter: Adapter = { ...shell, rank, tensors };
  const report = await mergeAdapter(base, adapter, 1, folder.at("merged.gguf"));
  const merged = await openCheckpoint(folder.at("merged.gguf"));
  t.after(() => merged.close());
  for (const { name, from, to, lost } of report) {
    assert.deepEqual([weight(from), to, merged.tensors.get(name)!.type], [name, written[from], written[from]]);
    const exact = await expectedWeight(base, adapter, name, shell.alpha / rank);
    const rounded = quantize(to, Float32Array.from(exact));
    assert.ok(Buffer.from(await merged.read(name, 0, rounded.length)).equals(rounded), name);
    const stored = new Float32Array(exact.length);
    dequantize(to, rounded, stored);
    const plain = await valuesOf(base, name);
    const squares = (of: (i: number) => number) => stored.reduce((sum, _, i) => sum + of(i) ** 2, 0);
    const expected = Math.sqrt(squares((i) => stored[i] - exact[i]) / squares((i) => exact[i] - plain[i]));
    assert.ok(Math.abs(lost - expected) <= 1e-3 * expected + 1e-6, `${name}: ${lost}, ${expected}`);
  }
}

test("floats are merged in their own type and all others in 8 bits, and the report says so", (t) =>
  expectMerged(t, Object.keys(written) as StorageType[], 40));

test("a weight that is written in pieces, whose ends lie within rows, is merged as a whole", (t) =>
  expectMerged(t, ["q4_1"], 9000));

const shell: Omit<Adapter, "rank" | "tensors"> = {
  kind: "lora",
  name: "a lesson",
  base: { architecture: "llama", name: "", sizes: {} },
  alpha: 16,
  experts: 1,
  metadata: {},
};

test("what cannot be merged is refused, and leaves no file", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  const half = await openModel("storage/f16.gguf");
  const qwen2 = await openModel("qwen2.gguf");
  t.after(() => Promise.all([base, half, qwen2].map((opened) => opened.close())));
  const refused = (merging: Promise<unknown>, sentence: RegExp) =>
    assert.rejects(merging, (error) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, sentence);
      return true;
    });
  const out = folder.at("merged.gguf");
  const adapter = randomAdapter(base, 2);
  await refused(
    mergeAdapter(base, randomAdapter(base, 2, 3), 1, out),
    /"a lesson" is a LoRAMoE, which cannot be merged: its router chooses anew for each token/,
  );
  await refused(mergeAdapter(qwen2, adapter, 1, out), /it is for the architecture "llama", .* is qwen2/);
  await refused(mergeAdapter(base, adapter, Number.NaN, out), /The scale should be a number, but is NaN/);
  await refused(mergeAdapter(base, adapter, 1, base.path), /llama.gguf is the base itself; choose another name/);
  await refused(
    mergeAdapter({ ...base, tokenizerJson: "{}" }, adapter, 1, out),
    /keeps its tokenizer in tokenizer.json; merging takes a GGUF file's model/,
  );
  await refused(
    mergeAdapter(half, randomAdapter(half, 2), 1e6, out),
    /f16.gguf: tensor blk.0.attn_q.weight with the adapter holds what F16 cannot/,
  );
  assert.deepEqual(await readdir(folder.path), []);
});
