import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { f16Values } from "../../../engine/graph/half";
import { openCheckpoint } from "../../../engine/load";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { writeGguf } from "../../../engine/load/writeGguf";
import { integer } from "../random";
import { valuesOf } from "./adapters";
import { type Folder, fixture, temporaryFolder } from "./folder";
import { u64 } from "./raw";
import { type Entry, safetensors, shapes, table, writeFolder } from "./rawFolder";

// The same weights, written by transformers as a folder and by gguf's Python package as GGUF, with q and k turned there.
for (const name of ["llama", "llama-linear", "llama-llama3", "qwen2", "qwen2-yarn"])
  test(`${name}: the folder has the tensors and metadata of the GGUF file`, async () => {
    const folder = await openCheckpoint(fixture(`models/fixtures/${name}`));
    const gguf = await openCheckpoint(fixture(`models/fixtures/${name}.gguf`));
    assert.deepEqual([...folder.tensors.keys()].sort(), [...gguf.tensors.keys()].sort());
    for (const [tensor, { shape }] of gguf.tensors) {
      assert.deepEqual(folder.tensors.get(tensor)!.shape, shape);
      const [own, peer] = [await valuesOf(folder, tensor), await valuesOf(gguf, tensor)];
      // The peer computes Llama 3's factors in float32.
      const tolerance = tensor === "rope_freqs.weight" ? 1e-6 : 0;
      for (let i = 0; i < peer.length; i++)
        if (!(Math.abs(own[i] - peer[i]) <= tolerance * peer[i]))
          assert.fail(`${tensor} at ${i}: ${own[i]}, ${peer[i]}`);
    }
    const architecture = gguf.metadata.get("general.architecture");
    for (const [key, value] of gguf.metadata)
      if (key.startsWith(`${architecture}.`)) {
        const own = folder.metadata.get(key);
        assert.ok(own === value || Math.fround(Number(own)) === value, `${key}: ${own}, not ${value}`);
      }
    await Promise.all([folder.close(), gguf.close()]);
  });

test("pieces of a tensor are pieces of the whole, also where rows change places or values widen", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const checkpoint = await openCheckpoint(folder.path);
  for (const [name, { bytes }] of checkpoint.tensors) {
    const whole = await checkpoint.read(name, 0, bytes);
    assert.equal(whole.length, bytes);
    for (let i = 0; i < 50; i++) {
      const from = integer(0, bytes);
      const length = integer(0, bytes - from);
      assert.deepEqual(await checkpoint.read(name, from, length), whole.slice(from, from + length), name);
    }
    await assert.rejects(checkpoint.read(name, 0, bytes + 1), RangeError);
  }
  await checkpoint.close();
});

test("the q and k rows of a Llama that form a pair become neighbours; vectors become f32, whatever their type", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const { entries } = table();
  const first = (name: string) => (entries[name].data_offsets as number[])[0] / 2;
  const checkpoint = await openCheckpoint(folder.path);
  const rows = (values: Float32Array, columns: number) =>
    Array.from({ length: values.length / columns }, (_, row) => values[row * columns]);
  const q = first("model.layers.0.self_attn.q_proj.weight");
  const expected = [0, 2, 1, 3, 4, 6, 5, 7].map((row) => f16Values[q + row * 8]);
  assert.deepEqual(rows(await valuesOf(checkpoint, "blk.0.attn_q.weight"), 8), expected);
  const v = first("model.layers.0.self_attn.v_proj.weight");
  assert.deepEqual(
    rows(await valuesOf(checkpoint, "blk.0.attn_v.weight"), 8),
    [0, 1, 2, 3].map((row) => f16Values[v + row * 8]),
  );
  const bias = first("model.layers.0.self_attn.q_proj.bias");
  assert.deepEqual(
    rows(await valuesOf(checkpoint, "blk.0.attn_q.bias"), 1),
    [0, 2, 1, 3, 4, 6, 5, 7].map((row) => f16Values[bias + row]),
  );
  for (const { name, type, shape } of checkpoint.tensors.values())
    assert.equal(type, shape.length === 1 ? "f32" : "f16", name);
  await checkpoint.close();
});

test("a folder written as GGUF is the same checkpoint", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const checkpoint = await openCheckpoint(folder.path);
  await writeGguf(folder.at("same.gguf"), checkpoint);
  const same = await openCheckpoint(folder.at("same.gguf"));
  assert.deepEqual([...same.metadata.keys()], [...checkpoint.metadata.keys()]);
  assert.deepEqual(same.metadataTypes, checkpoint.metadataTypes);
  for (const [name, { bytes }] of checkpoint.tensors)
    assert.deepEqual(await same.read(name, 0, bytes), await checkpoint.read(name, 0, bytes));
  await Promise.all([checkpoint.close(), same.close()]);
});

test("the path of the weights in a folder opens the folder", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const checkpoint = await openCheckpoint(folder.at("model.safetensors"));
  assert.equal(checkpoint.path, folder.path);
  await checkpoint.close();
});

test("a folder's special tokens, chat template and tokenizer.json are read", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder, { bos_token_id: 1, eos_token_id: 2, pad_token_id: null, tie_word_embeddings: true });
  await folder.write("generation_config.json", '{"eos_token_id": [3, 0]}');
  await folder.write("tokenizer_config.json", '{"add_bos_token": false, "chat_template": "{{ messages }}"}');
  await folder.write("tokenizer.json", '{"model": {}}');
  const { metadata, tokenizerJson, close } = await openCheckpoint(folder.path);
  const value = (key: string) => metadata.get(`tokenizer.${key}`);
  assert.equal(tokenizerJson, '{"model": {}}');
  assert.deepEqual([value("ggml.bos_token_id"), value("ggml.eos_token_id"), value("ggml.eot_token_id")], [1, 3, 0]);
  assert.ok(!metadata.has("tokenizer.ggml.padding_token_id"));
  assert.equal(value("ggml.add_bos_token"), false);
  assert.equal(value("chat_template"), "{{ messages }}");
  await close();
});

test("YaRN's attn_factor is the part of mscale that GGUF's readers do not apply themselves", async (t) => {
  const folder = await temporaryFolder(t);
  const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 512 };
  const mscale = 1 + 0.1 * Math.log(4);
  const cases: [Record<string, number>, number][] = [
    [{}, 1],
    [{ attention_factor: 1 }, 1 / mscale],
    [{ mscale: 0.7, mscale_all_dim: 0.7 }, 1 / mscale],
  ];
  for (const [more, expected] of cases) {
    await writeFolder(folder, { rope_scaling: { ...yarn, ...more } });
    const { metadata, close } = await openCheckpoint(folder.path);
    assert.equal(metadata.get("llama.rope.scaling.original_context_length"), 512);
    assert.ok(Math.abs(Number(metadata.get("llama.rope.scaling.attn_factor")) - expected) < 1e-12);
    await close();
  }
});

const refusedConfigs: [string, Record<string, unknown> | string, RegExp][] = [
  ["no JSON", "{", /config.json is not valid JSON: /],
  ["a list", "[]", /config.json: expected a JSON object, got \[\]/],
  ["deep nesting", "[".repeat(1e6), /config.json is not valid JSON: /],
  [
    "another architecture",
    { architectures: ["MambaForCausalLM"] },
    /"MambaForCausalLM" is not supported; supported are/,
  ],
  ["an inherited name", { architectures: ["constructor"] }, /"constructor" is not supported/],
  ["no architecture", { architectures: null }, /the architecture \(none\) is not supported/],
  ["no width", { hidden_size: undefined }, /hidden_size should be a number, but is missing/],
  ["a width in words", { hidden_size: "wide" }, /hidden_size should be a number, but is "wide"/],
  ["heads that do not fit", { num_attention_heads: 3 }, /head_dim should be a whole number from 1 on, but is 2.66/],
  ["-1 layers", { num_hidden_layers: -1 }, /num_hidden_layers should be a whole number from 1 on, but is -1/],
  ["quantized weights", { quantization_config: { bits: 4 } }, /the weights are quantized; expected F32, F16 or BF16/],
  ["another activation", { hidden_act: "gelu" }, /hidden_act is "gelu"; supported is "silu"/],
  [
    "windows in some layers",
    { layer_types: ["full_attention", "sliding_attention"] },
    /layer_types holds "sliding_attention"; supp/,
  ],
  ["a window", { use_sliding_window: true }, /use_sliding_window is set; supported is attention over the whole/],
  [
    "another scaling",
    { rope_scaling: { type: "dynamic", factor: 2 } },
    /RoPE scaling "dynamic" is not supported; supp/,
  ],
  ["heads of odd width", { head_dim: 3 }, /head_dim should be even, as RoPE rotates pairs, but is 3/],
  [
    "a factor of 0",
    { rope_scaling: { type: "linear", factor: 0 } },
    /rope_scaling.factor should be a number above 0, but is 0/,
  ],
  [
    "factors turned round",
    { rope_parameters: { rope_type: "llama3", factor: 8, low_freq_factor: 4, high_freq_factor: 1 } },
    /high_freq_factor should be above low_freq_factor, 4, but is 1/,
  ],
  ["no factor", { rope_scaling: { type: "linear" } }, /factor should be a number, but is missing/],
  [
    "exact YaRN",
    { rope_scaling: { type: "yarn", factor: 2, truncate: false } },
    /rope_scaling.truncate is off; supported is YaRN with it on/,
  ],
];

for (const [what, changes, sentence] of refusedConfigs)
  test(`refused: config.json with ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFolder(folder, typeof changes === "string" ? {} : changes);
    if (typeof changes === "string") await folder.write("config.json", changes);
    await refusal(folder, sentence);
  });

const norm = "model.norm.weight";
const q = "model.layers.0.self_attn.q_proj.weight";
/** What becomes of the table, or of the whole file. */
type Damage = (entries: Record<string, Entry>, data: Buffer) => Buffer;
const edit = (name: string, changes: Partial<Entry>): Damage => {
  return (entries, data) => safetensors({ ...entries, [name]: { ...entries[name], ...changes } }, data);
};

const refusedFiles: [string, Damage, RegExp][] = [
  ["nothing in it", () => Buffer.alloc(0), /is not a safetensors file: it has 0 bytes/],
  ["a table of 2^60 bytes", (_, data) => Buffer.concat([u64(2n ** 60n), data]), /its table would take 115\d+ bytes of/],
  ["a table that is no JSON", (_, data) => safetensors("{]", data), /is not valid JSON/],
  ["a table that is a number", (_, data) => safetensors("7", data), /expected a JSON object, got 7/],
  [
    "an entry that is null",
    (_, data) => safetensors({ x: null }, data),
    /tensor "x": expected a JSON object, got null/,
  ],
  ["bytes missing at the end", (e, data) => safetensors(e, data.subarray(2)), /its tensors end at byte \d+, the file/],
  ["bytes too many", (e, data) => safetensors(e, Buffer.concat([data, data])), /its tensors end at byte \d+, the file/],
  ["a gap", ({ [norm]: _, ...rest }, data) => safetensors(rest, data), /its tensors end at byte \d+, the file has/],
  ["an overlap", edit(norm, { data_offsets: [0, 16] }), /starts at byte \d+; expected \d+, where the one before ends/],
  ["offsets turned round", edit(norm, { data_offsets: [16, 0] }), /data_offsets should be a start and an end, but is/],
  ["offsets below zero", edit(norm, { data_offsets: [-16, 0] }), /data_offsets should be a start and an end/],
  ["three offsets", edit(norm, { data_offsets: [0, 1, 2] }), /data_offsets should be a start and an end/],
  ["a shape in words", edit(norm, { shape: ["8"] }), /the shape should be sizes, but is \["8"\]/],
  ["a shape that does not fit", edit(norm, { shape: [9] }), /has 16 bytes; expected 18 for \(9\) as F16/],
  ["no shape", edit(norm, { shape: [] }), /has the shape \(\); expected one or two sizes/],
  ["three dimensions", edit(norm, { shape: [2, 2, 2] }), /has the shape \(2, 2, 2\); expected one or two sizes/],
  ["a type of 8 bits", edit(norm, { dtype: "F8_E4M3" }), /is stored as "F8_E4M3"; supported are F32, F16, BF16/],
  ["a type that objects inherit", edit(norm, { dtype: "constructor" }), /is stored as "constructor"; supported are/],
  ["heads that are not whole", edit(q, { shape: [2, 32] }), /has 2 rows; expected heads of 4 rows/],
  [
    "a tensor of another architecture",
    ({ [norm]: own, ...rest }, data) => safetensors({ ...rest, "model.other.weight": own }, data),
    /tensor "model.other.weight" is none that this architecture has/,
  ],
];

for (const [what, damage, sentence] of refusedFiles)
  test(`refused: a safetensors file with ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFolder(folder);
    const { entries, data } = table();
    await folder.write("model.safetensors", damage(entries, data));
    await refusal(folder, sentence);
  });

test("an index that leads out of the folder, or to what is not there, is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const index = (weight_map: unknown) => folder.write("model.safetensors.index.json", JSON.stringify({ weight_map }));
  await index({ [norm]: "../model.safetensors" });
  await refusal(
    folder,
    /weight_map names the file "..\/model.safetensors"; expected safetensors files of the same folder/,
  );
  await index({ [norm]: "model.safetensors", "model.absent.weight": "model.safetensors" });
  await refusal(folder, /no file holds the tensor "model.absent.weight" of weight_map/);
  await index(undefined);
  await refusal(folder, /weight_map is missing/);
  await index({ [norm]: "other.safetensors" });
  await refusal(folder, /other.safetensors does not exist/);
  const { entries, data } = table();
  await folder.write("other.safetensors", safetensors(entries, data));
  await index({ [norm]: "other.safetensors", [q]: "model.safetensors" });
  await refusal(folder, /tensor "model.embed_tokens.weight" is there twice/);
});

test("swish is accepted as another name of SiLU", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder, { hidden_act: "swish" });
  await (await openCheckpoint(folder.path)).close();
});

test("the architecture of the same family is named where one is not supported", async (t) => {
  const folder = await temporaryFolder(t);
  const next = "Choose a model of these, such as Qwen2.5-Coder (Qwen2) or SmolLM2 (Llama)";
  await writeFolder(folder, { architectures: ["Qwen2MoeForCausalLM"] });
  await assert.rejects(openCheckpoint(folder.path), {
    message:
      `${folder.at("config.json")}: the architecture "Qwen2MoeForCausalLM" is not supported; supported are ` +
      `LlamaForCausalLM, Qwen2ForCausalLM; the nearest is Qwen2ForCausalLM. ${next}`,
  });
  await writeFolder(folder, { architectures: ["T5ForConditionalGeneration"] });
  await refusal(
    folder,
    /"T5ForConditionalGeneration" is not supported; supported are .*, Qwen2ForCausalLM. Choose a model/,
  );
});

for (const [what, scaling] of Object.entries({
  rope_type: { rope_type: "llama3" },
  type: { type: "llama3" },
  "rope_type before type": { rope_type: "llama3", type: "linear" },
}))
  test(`Llama 3's scaling, named by ${what}, divides each pair's angle by the formula's number`, async (t) => {
    const folder = await temporaryFolder(t);
    const llama3 = { factor: 32, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
    await writeFolder(folder, { head_dim: 128, rope_theta: 500000, rope_scaling: { ...scaling, ...llama3 } });
    // Heads are wider in the config than in the file's tensors, which is for whoever builds the model to see.
    const {
      [q]: _q,
      "model.layers.0.self_attn.q_proj.bias": _bias,
      "model.layers.0.self_attn.k_proj.weight": _k,
      ...rest
    } = shapes;
    const kept = table(Object.keys(rest));
    await folder.write("model.safetensors", safetensors(kept.entries, kept.data));
    const checkpoint = await openCheckpoint(folder.path);
    const factors = await valuesOf(checkpoint, "rope_freqs.weight");
    await checkpoint.close();
    assert.equal(factors.length, 64);
    factors.forEach((factor, pair) => {
      const wavelength = 2 * Math.PI * 500000 ** (pair / 64);
      const smooth = (8192 / wavelength - 1) / (4 - 1);
      const expected = wavelength < 8192 / 4 ? 1 : wavelength > 8192 ? 32 : 1 / ((1 - smooth) / 32 + smooth);
      assert.ok(Math.abs(factor - expected) <= 1e-6 * expected, `${pair}: ${factor}, not ${expected}`);
    });
  });

test("a folder without weights is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  await rm(folder.at("model.safetensors"));
  await refusal(folder, /model.safetensors does not exist/);
});

async function refusal(folder: Folder, sentence: RegExp): Promise<void> {
  await assert.rejects(openCheckpoint(folder.path), (error) => {
    assert.ok(error instanceof CheckpointError, String(error));
    assert.match(error.message, sentence);
    assert.ok(error.message.startsWith(folder.path));
    return true;
  });
}
