// Adapter files with every kind of error.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import {
  type Adapter,
  type AdapterTensor,
  baseOf,
  expectFits,
  mergeAdapter,
  readAdapter,
  writeGgufAdapter,
  writePeftAdapter,
} from "../../../engine/load/adapter";
import { CheckpointError, type MetadataValue } from "../../../engine/load/checkpoint";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { openSafetensors } from "../../../engine/load/safetensorsFile";
import { writeGguf } from "../../../engine/load/writeGguf";
import { writeSafetensors } from "../../../engine/load/writeSafetensors";
import { writeWhole } from "../../../engine/load/writeWhole";
import { openModel, randomAdapter } from "./adapters";
import { fuzz } from "./damage";
import { type Folder, fixture, temporaryFolder } from "./folder";

const refusal = (reading: Promise<unknown>, sentence: RegExp) =>
  assert.rejects(reading, (error) => {
    assert.ok(error instanceof CheckpointError, String(error));
    assert.match(error.message, sentence);
    return true;
  });

const [a, b, router] = ["lora_a", "lora_b", "lora_router"].map((part) => `blk.0.ffn_up.weight.${part}`);

const matrix = (...shape: number[]): AdapterTensor => ({
  shape,
  values: new Float32Array(shape.reduce((size, n) => size * n)).fill(0.5),
});

interface Parts {
  metadata?: Record<string, MetadataValue | undefined>;
  tensors?: Record<string, AdapterTensor | undefined>;
}

/** A LoRA of one pair with nothing wrong, but for `changes`. */
async function writeParts(path: string, changes: Parts): Promise<void> {
  const metadata = {
    "general.type": "adapter",
    "general.architecture": "llama",
    "adapter.type": "lora",
    "adapter.lora.alpha": 8.5,
    ...changes.metadata,
  };
  const tensors = { [a]: matrix(2, 64), [b]: matrix(96, 2), ...changes.tensors };
  const stored = Object.entries(tensors).flatMap(([name, tensor]) =>
    tensor ? [{ name, type: "f32" as const, shape: tensor.shape, data: new Uint8Array(tensor.values.buffer) }] : [],
  );
  const stated = Object.entries(metadata).flatMap(([key, value]): [string, MetadataValue][] =>
    value === undefined ? [] : [[key, value]],
  );
  await writeGguf(path, memoryCheckpoint(stated, stored));
}

const nan = matrix(96, 2);
nan.values[5] = Number.NaN;
const infinite = matrix(2, 64);
infinite.values[127] = Number.NEGATIVE_INFINITY;
const loramoe = { "adapter.type": "loramoe", "adapter.loramoe.experts": 2 };

const refusedFiles: [string, Parts, RegExp][] = [
  ["a model", { metadata: { "general.type": "model" } }, /is no adapter: its general.type is "model"/],
  ["no type", { metadata: { "general.type": undefined } }, /is no adapter: its general.type is missing/],
  ["a type that is a number", { metadata: { "general.type": 3 } }, /general.type should be a string, but is 3/],
  [
    "another kind",
    { metadata: { "adapter.type": "ia3" } },
    /kind of adapter \(adapter.type\) is "ia3"; supported are "lora" and/,
  ],
  [
    "no kind",
    { metadata: { "adapter.type": undefined } },
    /the kind of adapter \(adapter.type\) is missing; supported are/,
  ],
  ["aLoRA", { metadata: { "adapter.alora.invocation_tokens": [1] } }, /the adapter waits for certain tokens \(aLoRA\)/],
  ["no architecture", { metadata: { "general.architecture": undefined } }, /general.architecture is missing; expected/],
  [
    "an alpha in words",
    { metadata: { "adapter.lora.alpha": "8" } },
    /adapter.lora.alpha should be a number, but is "8"/,
  ],
  ["an alpha that is none", { metadata: { "adapter.lora.alpha": Number.NaN } }, /alpha should be a number, but is NaN/],
  ["sizes in words", { metadata: { "llama.block_count": "2" } }, /llama.block_count should be a number, but is "2"/],
  [
    "a size below 0",
    { metadata: { "llama.block_count": -2 } },
    /llama.block_count should be a whole number from 1 on, but/,
  ],
  ["notes that are a list", { metadata: { "glassbox.metadata": "[]" } }, /glassbox.metadata: expected a JSON object/],
  ["notes that are no JSON", { metadata: { "glassbox.metadata": "{" } }, /glassbox.metadata is not valid JSON/],
  ["nothing", { tensors: { [a]: undefined, [b]: undefined } }, /the rank should be a whole number from 1 on, but is 0/],
  ["no lora_b", { tensors: { [b]: undefined } }, /lora_a" has no blk.0.ffn_up.weight.lora_b beside it/],
  ["no lora_a", { tensors: { "x.weight.lora_b": matrix(3, 2) } }, /"x.weight.lora_b" has no x.weight.lora_a beside it/],
  ["a norm", { tensors: { "blk.0.attn_norm.weight": matrix(64) } }, /attn_norm.weight" is no part of a lora; expected/],
  ["a router", { tensors: { [router]: matrix(2, 64) } }, /lora_router" is no part of a lora; expected names that end/],
  [
    "an embedding",
    { tensors: { "token_embd.weight.lora_a": matrix(2, 9), "token_embd.weight.lora_b": matrix(64, 2) } },
    /"token_embd.weight.lora_a" changes the embedding; supported are changes to linear layers/,
  ],
  ["a vector", { tensors: { [b]: matrix(192) } }, /lora_b" has the shape \(192\); expected \(192, 2\) at rank 2/],
  [
    "three sizes",
    { tensors: { [a]: matrix(2, 8, 8) } },
    /lora_a" has the shape \(2, 8, 8\); expected \(2, 8\) at rank/,
  ],
  ["ranks that differ", { tensors: { [b]: matrix(96, 3) } }, /has the shape \(96, 3\); expected \(96, 2\) at rank 2/],
  [
    "layers of another rank",
    { tensors: { "x.weight.lora_a": matrix(4, 64), "x.weight.lora_b": matrix(64, 4) } },
    /"x.weight.lora_a" has the shape \(4, 64\); expected \(2, 64\) at rank 2/,
  ],
  ["NaN", { tensors: { [b]: nan } }, /lora_b" holds NaN at 5; expected numbers only/],
  ["infinity", { tensors: { [a]: infinite } }, /lora_a" holds -Infinity at 127; expected numbers only/],
  [
    "no number of experts",
    { metadata: { "adapter.type": "loramoe" } },
    /adapter.loramoe.experts is missing; expected how many pairs a layer has/,
  ],
  ["half an expert", { metadata: { ...loramoe, "adapter.loramoe.experts": 1.5 } }, /from 1 on, but is 1.5/],
  ["no router", { metadata: loramoe }, /lora_a" has no blk.0.ffn_up.weight.lora_router beside it/],
  [
    "a router of other inputs",
    { metadata: loramoe, tensors: { [router]: matrix(2, 63) } },
    /lora_router" has the shape \(2, 63\); expected \(2, 64\) at rank 1/,
  ],
  [
    "experts that do not share the rows",
    { metadata: { ...loramoe, "adapter.loramoe.experts": 3 }, tensors: { [router]: matrix(3, 64) } },
    /the rank should be a whole number from 1 on, but is 0.66/,
  ],
];

for (const [what, changes, sentence] of refusedFiles)
  test(`refused: an adapter's GGUF file with ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = folder.at("a.gguf");
    await writeParts(path, changes);
    await refusal(readAdapter(path), sentence);
    await refusal(readAdapter(path), /a\.gguf/);
  });

const peftFiles = ["adapter_config.json", "adapter_model.safetensors"] as const;

/** What peft saved, but for changes to its config. */
async function copyPeft(folder: Folder, changes: Record<string, unknown> = {}): Promise<void> {
  const [config, weights] = await Promise.all(
    peftFiles.map((name) => readFile(fixture(`load/fixtures/adapter/${name}`))),
  );
  await folder.write(peftFiles[0], JSON.stringify({ ...JSON.parse(config.toString()), ...changes }));
  await folder.write(peftFiles[1], weights);
}

const refusedConfigs: [string, Record<string, unknown>, RegExp][] = [
  ["another kind", { peft_type: "IA3" }, /peft_type is "IA3"; supported is "LORA"/],
  ["no kind", { peft_type: null }, /peft_type is missing; supported is "LORA"/],
  ["DoRA", { use_dora: true }, /use_dora is true; supported is a LoRA without it/],
  ["biases", { bias: "lora_only" }, /bias is "lora_only"; supported is "none"/],
  ["LoRA biases", { lora_bias: true }, /lora_bias is true; supported is a LoRA without it/],
  ["whole modules", { modules_to_save: ["lm_head"] }, /modules_to_save is \["lm_head"\]; supported is a LoRA without/],
  ["ranks by layer", { rank_pattern: { q_proj: 8 } }, /rank_pattern is \{"q_proj":8\}; supported is a LoRA without it/],
  ["alphas by layer", { alpha_pattern: { q_proj: 8 } }, /alpha_pattern is \{"q_proj":8\}; supported is a LoRA without/],
  ["another base", { init_lora_weights: "pissa" }, /init_lora_weights is "pissa", by which the base changes/],
  ["another rank", { r: 5 }, /lora_a" has the shape \(4, 96\); expected \(5, 96\) at rank 5/],
  [
    "another class of base",
    { auto_mapping: { base_model_class: "Qwen2ForCausalLM" } },
    /is for "Qwen2ForCausalLM", this model's architecture is llama/,
  ],
  [
    "a base that is no text model",
    { auto_mapping: { base_model_class: "BertModel" } },
    /is for "BertModel", this model's/,
  ],
  [
    "a base of another name",
    { base_model_name_or_path: "Qwen/Qwen2.5-Coder-0.5B" },
    /is for "Qwen\/Qwen2.5-Coder-0.5B", this model's architecture is llama/,
  ],
  ["no rank", { r: null }, /r should be a number, but is missing/],
  ["a rank of 0", { r: 0 }, /r should be a whole number from 1 on, but is 0/],
  ["alpha in words", { lora_alpha: "8" }, /lora_alpha should be a number, but is "8"/],
];

for (const [what, changes, sentence] of refusedConfigs)
  test(`refused: a folder of peft's with ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    await copyPeft(folder, changes);
    const base = await openModel("llama.gguf");
    t.after(() => base.close());
    await refusal(readAdapter(folder.path, baseOf(base)), sentence);
  });

test("refused: folders of peft's that lack something, or name what is not there", async (t) => {
  const folder = await temporaryFolder(t);
  await refusal(readAdapter(folder.path), /holds no adapter_config.json; expected a folder that peft wrote, or a GGUF/);
  await refusal(readAdapter(folder.at("missing.gguf")), /missing.gguf does not exist/);
  await copyPeft(folder);
  await refusal(readAdapter(folder.path), /does not say how its model is built; read it together with that model/);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const odd = { ...baseOf(base), sizes: { "attention.key_length": 48 } };
  await refusal(readAdapter(folder.path, odd), /k_proj.lora_B.weight" has 32 rows; expected heads of 48 rows/);
  const unsaid = { ...baseOf(base), sizes: {} };
  await refusal(readAdapter(folder.path, unsaid), /has 32 rows; expected heads of a known, even number of rows/);
  const weights = await readFile(folder.at(peftFiles[1]), "latin1");
  const renamed = weights.replace("layers.0.mlp.down_proj.lora_A", "layers.0.mlp.down_proj.lora_C");
  await folder.write(peftFiles[1], Buffer.from(renamed, "latin1"));
  await refusal(
    readAdapter(folder.path, baseOf(base)),
    /lora_C.weight" is no part of a LoRA on a supported model; expected names like base_model.model.model.layers.0/,
  );
  await rm(folder.at(peftFiles[1]));
  await refusal(readAdapter(folder.path), /adapter_model.safetensors does not exist/);
});

/** The tensors of peft's file with other names. */
async function renameTensors(folder: Folder, rename: (name: string) => string | undefined): Promise<void> {
  const file = await openSafetensors(folder.at(peftFiles[1]));
  const tensors = new Map<string, AdapterTensor>();
  for (const { name, shape, start, end } of file.tensors) {
    const values = new Float32Array((await file.file.read(start, end - start)).buffer);
    for (const renamed of [rename(name)]) if (renamed) tensors.set(renamed, { shape, values });
  }
  await file.file.close();
  await writeWhole({ [folder.at(peftFiles[1])]: (handle) => writeSafetensors(handle, {}, tensors) });
}

test("refused: an adapter none of whose modules the model has", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  await copyPeft(folder);
  await renameTensors(folder, (name) => name.replace("model.layers.", "transformer.h."));
  await refusal(
    readAdapter(folder.path, baseOf(base)),
    /"base_model.model.transformer.h.0.mlp.down_proj.lora_A.weight" is no part/,
  );
  await copyPeft(folder);
  await renameTensors(folder, (name) => name.replace(".layers.", ".layers.7"));
  const far = await readAdapter(folder.path, baseOf(base));
  assert.throws(() => expectFits(far, base), /it changes "blk.70.ffn_down.weight", which .*llama.gguf does not have/);
});

test("refused: a change of the head where it is the embedding; peft's copies of the base beside it are ignored", async (t) => {
  const folder = await temporaryFolder(t);
  const [tied, untied] = [await openModel("llama-linear.gguf"), await openModel("llama.gguf")];
  t.after(() => Promise.all([tied.close(), untied.close()]));
  await copyPeft(folder);
  const head = "base_model.model.lm_head";
  const names = new Map([
    ["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", `${head}.lora_A.weight`],
    ["base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight", `${head}.base_layer.weight`],
    [
      "base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight",
      "base_model.model.model.embed_tokens.base_layer.weight",
    ],
  ]);
  await renameTensors(folder, (name) => names.get(name));
  await refusal(readAdapter(folder.path, baseOf(tied)), /"output.weight.lora_a" has no output.weight.lora_b beside it/);

  await copyPeft(folder);
  names.set("base_model.model.model.layers.0.mlp.up_proj.lora_B.weight", `${head}.lora_B.weight`);
  await renameTensors(folder, (name) => names.get(name));
  const adapter = await readAdapter(folder.path, baseOf(tied));
  assert.deepEqual([...adapter.tensors.keys()].sort(), ["output.weight.lora_a", "output.weight.lora_b"]);
  const sentence = /it changes the head, whose weights .*llama-linear.gguf shares with the embedding/;
  assert.throws(() => expectFits(adapter, tied), sentence);
  await refusal(mergeAdapter(tied, adapter, 1, folder.at("merged.gguf")), sentence);
  assert.ok(!existsSync(folder.at("merged.gguf")));
});

async function anAdapter(t: TestContext): Promise<Adapter> {
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  return randomAdapter(base, 2);
}

test("an adapter with NaN is not written, and the old files stay", async (t) => {
  const folder = await temporaryFolder(t);
  const adapter = await anAdapter(t);
  const path = await folder.write("a.gguf", "old");
  await writePeftAdapter(folder.at("peft"), adapter, "llama");
  const before = await readFile(folder.at(`peft/${peftFiles[1]}`));
  adapter.tensors.get("blk.1.attn_v.weight.lora_b")!.values[7] = Number.NaN;
  await refusal(writeGgufAdapter(path, adapter), /a.gguf: tensor "blk.1.attn_v.weight.lora_b" holds NaN at 7/);
  await refusal(writePeftAdapter(folder.at("peft"), adapter, "llama"), /"blk.1.attn_v.weight.lora_b" holds NaN at 7/);
  assert.equal(await readFile(path, "utf8"), "old");
  assert.ok(before.equals(await readFile(folder.at(`peft/${peftFiles[1]}`))));
  assert.deepEqual(await readdir(folder.path), ["a.gguf", "peft"]);
});

test("a folder that cannot be created is an error", async (t) => {
  const folder = await temporaryFolder(t);
  await folder.write("taken", "a file");
  await refusal(writePeftAdapter(folder.at("taken"), await anAdapter(t), "llama"), /taken could not be written: /);
});

// Linux has a file to which nothing can be written because the disk is full.
if (existsSync("/dev/full"))
  for (const full of peftFiles)
    test(`a disk that is full at ${full} is an error, and the old adapter stays`, async (t) => {
      const folder = await temporaryFolder(t);
      const adapter = await anAdapter(t);
      await mkdir(folder.at("peft"));
      for (const name of peftFiles) await folder.write(`peft/${name}`, "old");
      await symlink("/dev/full", folder.at(`peft/${full}.partial`));
      await refusal(
        writePeftAdapter(folder.at("peft"), adapter, "llama"),
        new RegExp(`peft/${full} could not be written: the disk is full$`),
      );
      for (const name of peftFiles) assert.equal(await readFile(folder.at(`peft/${name}`), "utf8"), "old");
      assert.deepEqual((await readdir(folder.at("peft"))).sort(), [...peftFiles]);

      await folder.write("a.gguf", "old");
      await symlink("/dev/full", folder.at("a.gguf.partial"));
      await refusal(writeGgufAdapter(folder.at("a.gguf"), adapter), /a.gguf could not be written: the disk is full$/);
      assert.equal(await readFile(folder.at("a.gguf"), "utf8"), "old");
    });

/** Reads what may be broken: it is refused with a sentence, or holds whole layers of numbers. */
async function readsOrIsRefused(path: string): Promise<boolean> {
  const adapter = await readAdapter(path, {
    architecture: "llama",
    name: "",
    sizes: { "attention.key_length": 16 },
  }).catch((error) => {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  });
  if (!adapter) return false;
  const parts = adapter.kind === "lora" ? 2 : 3;
  assert.equal(adapter.tensors.size % parts, 0);
  for (const { shape, values } of adapter.tensors.values()) {
    assert.equal(values.length, shape[0] * shape[1]);
    assert.ok(values.every(Number.isFinite));
  }
  return true;
}

for (const experts of [1, 3])
  test(`1000 damaged GGUF adapters of ${experts} experts: each is refused or whole`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    const base = await openModel("llama.gguf");
    t.after(() => base.close());
    await writeGgufAdapter(folder.at("a.gguf"), randomAdapter(base, 1, experts));
    await fuzz(folder, "a.gguf", 2500, 1000, () => readsOrIsRefused(folder.at("a.gguf")));
  });

for (const [file, head] of [
  [peftFiles[0], 1200],
  [peftFiles[1], 2500],
] as const)
  test(`500 folders of peft's with a damaged ${file}: each is refused or whole`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    await copyPeft(folder);
    await fuzz(folder, file, head, 500, () => readsOrIsRefused(folder.path));
  });
