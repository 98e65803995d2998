import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetadataValue } from "../../../engine/load/checkpoint";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { integer } from "../random";
import { openFixture, sourceOf, tinyMetadata } from "./fixtures";

const tokenizers = ["starcoder", "deepseek-coder", "llama-spm", "phi-3"].map(
  (name) => [name, openFixture(name)] as const,
);

/** Any characters of the planes in use (StarCoder has no bytes for the others), much of it ASCII and whitespace. */
const randomText = (length: number) =>
  Array.from({ length }, () =>
    [
      () => String.fromCodePoint(integer(0, 127)),
      () => String.fromCodePoint(integer(0xe000, 0x3ffff)),
      () => String.fromCodePoint(integer(0x80, 0xd7ff)),
      () => ["\t", "\r\n", "    ", "\n\n", "😀", "👩‍👩‍👧"][integer(0, 5)],
    ][integer(0, 3)](),
  ).join("");

for (const [name, tokenizer] of tokenizers) {
  test(`${name}: the tokens of any text are decoded to that text`, () => {
    for (let n = 0; n < 300; n++) {
      const text = randomText(integer(0, 60));
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }
  });

  test(`${name}: half a surrogate pair becomes U+FFFD`, () => {
    assert.equal(tokenizer.decode(tokenizer.encode("a\ud83db")), "a\ufffdb");
  });

  test(`${name}: streaming gives the same text, and a character only when it is whole`, () => {
    for (let n = 0; n < 100; n++) {
      const text = randomText(integer(1, 40)).replaceAll("\ufffd", "");
      const decoder = tokenizer.decoder();
      const pieces = tokenizer.encode(text, { continues: true }).map((id) => decoder.push(id));
      for (const piece of pieces) assert.doesNotMatch(piece, /[\p{Surrogate}\ufffd]/u);
      assert.equal(pieces.join(""), text);
      assert.equal(decoder.flush(), "");
    }
  });

  test(`${name}: streaming any tokens gives what decoding them gives`, () => {
    for (let n = 0; n < 100; n++) {
      const ids = Array.from({ length: integer(1, 30) }, () => integer(0, tokenizer.vocabSize - 1));
      const decoder = tokenizer.decoder();
      const streamed = ids.map((id) => decoder.push(id)).join("") + decoder.flush();
      assert.equal(
        streamed,
        Buffer.concat(ids.filter((id) => !tokenizer.isSpecial(id)).map(tokenizer.piece)).toString(),
      );
    }
  });

  test(`${name}: no text becomes a special token`, () => {
    for (const id of tokenizer.endOfGeneration) {
      const special = Buffer.from(tokenizer.piece(id)).toString();
      for (const text of [special, `let a = "${special}";`, ` ${special}\n${special}`]) {
        const ids = tokenizer.encode(text);
        assert.ok(!ids.some(tokenizer.isSpecial), text);
        assert.equal(tokenizer.decode(ids), text);
      }
      assert.deepEqual(tokenizer.encode(special, { special: true }), [id]);
    }
  });

  test(`${name}: a line of 100,000 characters without a space is encoded`, () => {
    for (const text of ["ab1".repeat(33_333), "x".repeat(100_000), "\t".repeat(100_000), " ".repeat(100_000)]) {
      const ids = tokenizer.encode(text);
      assert.equal(tokenizer.decode(ids), text);
    }
  });
}

test("special tokens are left out of decoded text, unless they are asked for", () => {
  const tokenizer = createTokenizer(sourceOf(tinyMetadata(["<|im_end|>"])));
  const ids = tokenizer.encode("a<|im_end|>b", { special: true });
  assert.equal(tokenizer.decode(ids), "ab");
  assert.equal(tokenizer.decode(ids, { special: true }), "a<|im_end|>b");
});

test("user-defined tokens are text of their own, except those that end generation or look like control tokens", () => {
  const names = ["<think>", "<|tool|>", "</s>"];
  const metadata = tinyMetadata(names);
  const types = metadata["tokenizer.ggml.token_type"];
  const tokenizer = createTokenizer(
    sourceOf({ ...metadata, "tokenizer.ggml.token_type": types.map((type) => (type === 3 ? 4 : type)) }),
  );
  assert.deepEqual(tokenizer.encode("<think>"), [256]);
  assert.deepEqual([...tokenizer.endOfGeneration], [257, 258]);
  assert.ok(!tokenizer.encode(names.join("")).some(tokenizer.isSpecial));
});

test("a token of text that ends generation is still used to encode text", () => {
  const tokenizer = createTokenizer(sourceOf(tinyMetadata([], { "tokenizer.ggml.eos_token_id": 33 })));
  assert.ok(tokenizer.endOfGeneration.has(33));
  assert.deepEqual(tokenizer.encode("!"), [33]);
});

test("SentencePiece: the name of a byte is text, and only the beginning of a text has a space put before it", () => {
  const tokenizer = openFixture("llama-spm");
  assert.equal(tokenizer.encode("<0x0A>").length > 1, true);
  assert.deepEqual(tokenizer.encode("\n", { continues: true }), [13]);
  assert.equal(tokenizer.decode(tokenizer.encode("Hello")), "Hello");
  assert.equal(tokenizer.decode(tokenizer.encode(" Hello", { continues: true }), { continues: true }), " Hello");
  const [spaced, unspaced] = [tokenizer.encode("Hello"), tokenizer.encode("Hello", { continues: true })];
  assert.equal(Buffer.from(tokenizer.piece(spaced[0])).toString(), " Hello");
  assert.equal(Buffer.from(tokenizer.piece(unspaced[0])).toString(), "Hello");
});

test("a file that names no pre-tokenizer gives a warning", () => {
  const { "tokenizer.ggml.pre": _, ...metadata } = tinyMetadata([]);
  const { warnings } = createTokenizer(sourceOf(metadata));
  assert.match(warnings.join(), /model\.gguf names no pre-tokenizer/);
});

const broken: [what: string, change: Parameters<typeof tinyMetadata>[1], expected: RegExp][] = [
  ["an unknown pre-tokenizer", { "tokenizer.ggml.pre": "constructor" }, /pre-tokenizer "constructor" .* not supported/],
  ["an unknown kind", { "tokenizer.ggml.model": "bert" }, /"bert"; supported are "gpt2"/],
  ["tokens that are no list", { "tokenizer.ggml.tokens": "abc" }, /tokens should list texts, .* but is string/],
  ["no tokens", { "tokenizer.ggml.tokens": [] }, /has 0 values/],
  ["tokens that are numbers", { "tokenizer.ggml.tokens": [1, 2] }, /tokens should list texts/],
  ["too few types", { "tokenizer.ggml.token_type": [1] }, /token_type .* has 1 values for 256 tokens/],
  ["a merge of one token", { "tokenizer.ggml.merges": ["ab"] }, /merge "ab" should be two tokens/],
  ["SentencePiece without scores", { "tokenizer.ggml.model": "llama" }, /scores should list numbers/],
];
for (const [what, change, expected] of broken)
  test(`refused with a sentence: ${what}`, () =>
    assert.throws(() => createTokenizer(sourceOf(tinyMetadata([], change))), {
      name: "CheckpointError",
      message: expected,
    }));

test("any metadata gives a tokenizer or a CheckpointError", () => {
  const junk: MetadataValue[] = [
    "",
    "x",
    -1,
    2 ** 40,
    Number.NaN,
    true,
    7n,
    [],
    [""],
    ["a b"],
    [Number.NaN],
    [true],
    [9n],
  ];
  const sane = { ...tinyMetadata(["</s>"]), "tokenizer.ggml.scores": Array(257).fill(0) };
  const keys = [...Object.keys(sane), "tokenizer.ggml.bos_token_id", "tokenizer.ggml.add_bos_token"];
  for (const model of ["gpt2", "llama"])
    for (const key of keys)
      for (const value of junk) {
        const source = sourceOf({ ...sane, "tokenizer.ggml.model": model, [key]: value });
        try {
          const tokenizer = createTokenizer(source);
          const ids = tokenizer.encode("a </s> \u00e4", { bos: true, special: true });
          assert.ok(ids.every((id) => id >= 0 && id < tokenizer.vocabSize));
        } catch (error) {
          assert.equal((error as Error).name, "CheckpointError", `${key} = ${value}: ${error}`);
        }
      }
});

test("special tokens outside of the vocabulary are ignored", () => {
  const ids = { "tokenizer.ggml.bos_token_id": 4_000_000_000, "tokenizer.ggml.eos_token_id": -1 };
  const tokenizer = createTokenizer(sourceOf(tinyMetadata([], { ...ids, "tokenizer.ggml.add_bos_token": true })));
  assert.deepEqual(tokenizer.encode("a", { bos: true }).length, 1);
  assert.equal(tokenizer.endOfGeneration.size, 0);
});
