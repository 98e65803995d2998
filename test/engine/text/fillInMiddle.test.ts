import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetadataValue } from "../../../engine/load/checkpoint";
import { fillInMiddle, type Order } from "../../../engine/text/fillInMiddle";
import { idsOf } from "../../../engine/text/segment";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { openFixture, readFixture, sourceOf, tinyMetadata } from "./fixtures";

/** What the prompt for a gap reads, special tokens by name. */
function prompt(
  special: readonly string[],
  withFiles = false,
  more: Record<string, MetadataValue> = {},
  order?: Order,
) {
  const source = sourceOf(tinyMetadata(special, more));
  const tokenizer = createTokenizer(source);
  const form = fillInMiddle(tokenizer, source);
  const segment = (text: string, continues = false) => ({ ids: tokenizer.encode(text, { continues }) });
  const files = [
    { path: segment("a.ts"), text: segment("A") },
    { path: segment("b.ts"), text: segment("B") },
  ];
  const around = { path: segment("c.ts"), repository: segment("R"), files };
  const context = { prefix: [segment("P")], suffix: [segment("S", true)], ...(withFiles && around) };
  return form && tokenizer.decode(idsOf(form.layout(context, order)), { special: true });
}

const qwen = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"];
const starCoder = ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>"];
const deepseek = ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜begin▁of▁sentence｜>"];
const bos = (id: number) => ({ "tokenizer.ggml.bos_token_id": id, "tokenizer.ggml.add_bos_token": true });

test("Qwen's form", () => {
  assert.equal(prompt(qwen), "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>");
  assert.equal(
    prompt(qwen, true),
    "<|repo_name|>R\n<|file_sep|>a.ts\nA\n<|file_sep|>b.ts\nB\n" +
      "<|file_sep|>c.ts\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
  );
});

test("StarCoder 2's form", () => {
  assert.equal(prompt(starCoder), "<fim_prefix>P<fim_suffix>S<fim_middle>");
  assert.equal(
    prompt(starCoder, true),
    "<repo_name>R<file_sep>a.ts\nA<file_sep>b.ts\nB<file_sep><fim_prefix>c.ts\nP<fim_suffix>S<fim_middle>",
  );
});

test("DeepSeek's form: the hole is the suffix, the end the middle; no place for other files", () => {
  assert.equal(prompt(deepseek, true, bos(259)), "<｜begin▁of▁sentence｜><｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>");
});

test("Codestral's form has no middle token, and only Codestral was trained on it", () => {
  const mistral = ["<s>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]"];
  const name = { "general.name": "Codestral 22B v0.1" };
  assert.equal(prompt(mistral, false, { ...name, ...bos(256) }), "<s>[SUFFIX]S[PREFIX]P");
  assert.equal(prompt(mistral, false, { "general.name": "Mistral Nemo" }), undefined);
});

test("Seed-Coder's form takes the suffix first", () =>
  assert.equal(
    prompt(["<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"]),
    "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
  ));

test("the prompt is made of the segments that it was asked for, the same objects, and of control segments", () => {
  const source = sourceOf(tinyMetadata(qwen));
  const tokenizer = createTokenizer(source);
  const segment = (name: string) => ({ name, ids: tokenizer.encode(name) });
  const [path, text, own, header, before, after] = ["a.ts", "A", "b.ts", "// b", "P", "P"].map(segment);
  const context = { prefix: [header, before], suffix: [after], path: own, files: [{ path, text }] };
  for (const [order, between] of [
    ["PSM", [header, before, after]],
    ["SPM", [after, header, before]],
  ] as const) {
    const segments = fillInMiddle(tokenizer, source)!.layout(context, order);
    const given = segments.filter((one) => "name" in one);
    assert.deepEqual(given, [path, text, own, ...between]);
    for (const one of given) assert.ok([path, text, own, header, before, after].includes(one));
    for (const one of segments) assert.ok("name" in one !== ("kind" in one && one.kind === "control"));
  }
});

test("suffix first: the prefix stands at the end of the prompt, where the middle goes on", () => {
  assert.equal(prompt(qwen, false, {}, "SPM"), "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P");
  assert.equal(
    prompt(starCoder, true, {}, "SPM"),
    "<repo_name>R<file_sep>a.ts\nA<file_sep>b.ts\nB<file_sep><fim_prefix><fim_suffix>S<fim_middle>c.ts\nP",
  );
});

test("the ids in the metadata come before the names, and the older keys after", () => {
  const ids = { fim_pre: 258, fim_suf: 257, fim_mid: 256 };
  const keys = Object.entries(ids).map(([key, id]) => [`tokenizer.ggml.${key}_token_id`, id]);
  assert.equal(prompt(["<m>", "<s>", "<p>"], false, Object.fromEntries(keys)), "<p>P<s>S<m>");
  const older = { prefix: 256, suffix: 257, middle: 258 };
  const olderKeys = Object.entries(older).map(([key, id]) => [`tokenizer.ggml.${key}_token_id`, id]);
  assert.equal(prompt(["<p>", "<s>", "<m>"], false, Object.fromEntries(olderKeys)), "<p>P<s>S<m>");
});

test("CodeLlama's form: the suffix begins without a space", () => {
  const { metadata } = readFixture("llama-spm");
  const names = ["▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"];
  const extend = (key: string, values: MetadataValue[]) => [
    ...(metadata[`tokenizer.ggml.${key}`] as MetadataValue[]),
    ...values,
  ];
  const source = sourceOf({
    ...metadata,
    "tokenizer.ggml.tokens": extend("tokens", names),
    "tokenizer.ggml.scores": extend("scores", [0, 0, 0, 0]),
    "tokenizer.ggml.token_type": extend("token_type", [4, 4, 4, 4]),
  });
  const tokenizer = createTokenizer(source);
  const gap = {
    prefix: [{ ids: tokenizer.encode("def f") }],
    suffix: [{ ids: tokenizer.encode("return", { continues: true }) }],
  };
  const pieces = idsOf(fillInMiddle(tokenizer, source)!.layout(gap)).map((id) =>
    Buffer.from(tokenizer.piece(id)).toString(),
  );
  assert.deepEqual(pieces, ["<s>", "▁<PRE>", " def", " f", "▁<SUF>", "return", "▁<MID>"]);
  assert.ok(tokenizer.endOfGeneration.has(tokenizer.specialId("▁<EOT>")!));
});

test("real vocabularies: StarCoder, Refact and DeepSeek-Coder fill in, GPT-2, Llama and SmolLM do not", () => {
  const fills = (name: string) => fillInMiddle(openFixture(name), sourceOf(readFixture(name).metadata)) !== undefined;
  assert.deepEqual(["starcoder", "refact", "deepseek-coder"].map(fills), [true, true, true]);
  assert.deepEqual(["gpt-2", "llama-bpe", "llama-spm", "mpt"].map(fills), [false, false, false, false]);
  const smollm = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<repo_name>",
    "<reponame>",
    "<file_sep>",
    "<filename>",
  ];
  assert.equal(prompt(smollm, true), undefined);
});
