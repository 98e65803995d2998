import assert from "node:assert/strict";
import { test } from "node:test";
import { openGguf } from "../../../engine/load/gguf";
import { createTokenizer, type Tokenizer } from "../../../engine/text/tokenizer";
import { type Fixture, fixtures, readFixture, sourceOf } from "./fixtures";

function agrees(tokenizer: Tokenizer, pairs: Fixture["pairs"]) {
  assert.ok(pairs.length > 100);
  for (const [text, ids] of pairs) {
    assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
    assert.equal(tokenizer.decode(ids), text);
  }
}

for (const name of fixtures)
  test(`${name}: texts have the tokens that llama.cpp gives them`, () => {
    const { metadata, pairs } = readFixture(name);
    const tokenizer = createTokenizer(sourceOf(metadata));
    agrees(tokenizer, pairs);
    assert.deepEqual(tokenizer.warnings, []);
  });

test("the built-in model: texts have the tokens that llama.cpp gives them", async () => {
  const checkpoint = await openGguf("models/smollm2-135m-instruct-q4_1.gguf");
  const tokenizer = createTokenizer(checkpoint);
  await checkpoint.close();
  agrees(tokenizer, readFixture("builtin").pairs);
  assert.equal(tokenizer.vocabSize, 49152);
  assert.deepEqual([...tokenizer.endOfGeneration], [...Array(17).keys()]);
  assert.equal(tokenizer.specialId("<|im_end|>"), 2);
  assert.equal(tokenizer.addBos, false);
});

// Cases that other programs got wrong.
test("Qwen 2: adjacent punctuation is one token, also with the line break after it", () => {
  const tokenizer = createTokenizer(sourceOf(readFixture("qwen2").metadata));
  assert.deepEqual(tokenizer.encode("->"), [405]);
  assert.deepEqual(tokenizer.encode("(x):\n"), [2075, 982]);
});

test("SentencePiece: a character without a token is encoded as its bytes, and decoded whole", () => {
  const tokenizer = createTokenizer(sourceOf(readFixture("llama-spm").metadata));
  const ids = tokenizer.encode("This is 🦙.cpp", { bos: true });
  assert.deepEqual(ids, [1, 910, 338, 29871, 243, 162, 169, 156, 29889, 8223]);
  const decoder = tokenizer.decoder();
  assert.deepEqual(
    ids.map((id) => decoder.push(id)).filter((text) => /🦙|\ufffd/u.test(text)),
    ["🦙"],
  );
});

test("a prompt begins with the model's beginning-of-text token, where it has one", () => {
  const begins = (name: string) => createTokenizer(sourceOf(readFixture(name).metadata)).encode("a", { bos: true })[0];
  assert.equal(begins("llama-bpe"), 128000);
  assert.equal(begins("llama-spm"), 1);
  assert.equal(begins("deepseek-coder"), 32013);
  assert.equal(begins("qwen2"), 64); // none: this is the "a"
});
