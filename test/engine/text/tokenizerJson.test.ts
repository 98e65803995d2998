import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { integer } from "../random";
import { readFixture } from "./fixtures";

interface TokenizerJson {
  model: object;
  pre_tokenizer: object | null;
  normalizer: object | null;
}
type Kind = { json: TokenizerJson; ids: number[][]; texts?: string[]; special?: number[][] };
const { texts, ...kinds } = readFixture<{ texts: string[] } & Record<string, Kind>>("tokenizerJson") as {
  texts: string[];
} & Record<string, unknown>;

const open = (json: unknown) =>
  createTokenizer({ path: "folder", metadata: new Map(), tokenizerJson: JSON.stringify(json) });

for (const [name, { json, ids, special, ...own }] of Object.entries(kinds as Record<string, Kind>))
  test(`${name}: texts have the tokens that Hugging Face's tokenizers gives them`, () => {
    const tokenizer = open(json);
    (own.texts ?? texts).forEach((text, i) => {
      assert.deepEqual(tokenizer.encode(text), ids[i], JSON.stringify(text));
      if (special) assert.deepEqual(tokenizer.encode(text, { special: true }), special[i], JSON.stringify(text));
    });
  });

const { llama3, gpt2 } = kinds as Record<string, Kind>;

test("a text begins with the token that the template puts there, unless tokenizer_config.json says no", () => {
  assert.equal(open(llama3.json).encode("a", { bos: true })[0], 1);
  assert.equal(open(gpt2.json).encode("a", { bos: true }).length, 1);
  const metadata = new Map([["tokenizer.ggml.add_bos_token", false]]); // tokenizer_config.json has the last word
  const tokenizer = createTokenizer({ path: "folder", metadata, tokenizerJson: JSON.stringify(llama3.json) });
  assert.equal(tokenizer.encode("a", { bos: true }).length, 1);
});

test("added tokens are special, and are encoded as tokens only where asked for", () => {
  const tokenizer = open(llama3.json);
  assert.deepEqual([...tokenizer.endOfGeneration], [0, 1, 2]);
  assert.deepEqual(tokenizer.encode("<|end|>", { special: true }), [2]);
  assert.ok(!tokenizer.encode("<|end|>").some(tokenizer.isSpecial));
});

test("the ends of generation that config.json names end generation", () => {
  const metadata = new Map([
    ["tokenizer.ggml.eos_token_id", 5],
    ["tokenizer.ggml.eot_token_id", 7],
  ]);
  const tokenizer = createTokenizer({ path: "folder", metadata, tokenizerJson: JSON.stringify(gpt2.json) });
  assert.ok(tokenizer.endOfGeneration.has(5) && tokenizer.endOfGeneration.has(7));
});

test("a pattern on which backtracking hangs is read; one that is not supported is refused with the file, the pattern and a next step", () => {
  const withPattern = (regex: string) => {
    const split = { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false };
    return { ...gpt2.json, pre_tokenizer: { type: "Sequence", pretokenizers: [split, gpt2.json.pre_tokenizer] } };
  };
  const text = `${"a".repeat(1e5)}b`;
  assert.equal(open(withPattern("(a+)+$")).decode(open(withPattern("(a+)+$")).encode(text)), text);
  assert.throws(() => open(withPattern("(a)\\1")), {
    name: "CheckpointError",
    message:
      'folder/tokenizer.json: pre_tokenizer.pretokenizers[0].pattern.Regex, "(a)\\\\1", has \\1, which is not supported. ' +
      "Choose another model, or another tokenizer.json",
  });
  const greedy = open(withPattern("(a|b){40}a(a|b)*c"));
  const random = Array.from({ length: 1e5 }, () => "ab"[integer(0, 1)]).join("");
  assert.throws(() => greedy.encode(`${random}c`), {
    name: "CheckpointError",
    message: /^folder\/tokenizer.json: .*Regex, ".*", takes too much memory on this text. Choose another model/,
  });
});

const { model } = gpt2.json;
const normalizer = (type: string, more: object) => ({ ...gpt2.json, normalizer: { type, ...more } });
const cut = (...pretokenizers: object[]) => ({ ...gpt2.json, pre_tokenizer: { type: "Sequence", pretokenizers } });
const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: true };

const refused: [what: string, json: unknown, message: RegExp][] = [
  ["no object", null, /expected a JSON object, got null/],
  ["another model", { model: { type: "Unigram", vocab: [] } }, /model.type is "Unigram"; supported is "BPE"/],
  ["no vocabulary", { model: { type: "BPE", merges: [] } }, /supported is "BPE", with its tokens in model.vocab/],
  [
    "prefixes of words that go on",
    { ...gpt2.json, model: { ...model, continuing_subword_prefix: "##" } },
    /continuing_subword_prefix is "##"; supported are tokenizers without it/,
  ],
  [
    "suffixes of words that end",
    { ...gpt2.json, model: { ...model, end_of_word_suffix: "</w>" } },
    /end_of_word_suffix is "<\/w>"; supported/,
  ],
  [
    "merges by chance",
    { ...gpt2.json, model: { ...model, dropout: 0.1 } },
    /model.dropout is 0.1; supported are merges that are/,
  ],
  [
    "an id too large",
    { ...gpt2.json, model: { ...model, vocab: { a: 4e9 } } },
    /the token "a" has the id 4000000000; expected/,
  ],
  [
    "an id in words",
    { ...gpt2.json, model: { ...model, vocab: { a: "1" } } },
    /model.vocab."a" should be the id of a token, but is "1"/,
  ],
  [
    "a merge of one",
    { ...gpt2.json, model: { ...model, merges: ["a b", 7] } },
    /model.merges\[1\] should be two tokens, but is 7/,
  ],
  [
    "a merge of three",
    { ...gpt2.json, model: { ...model, merges: [["a", "b", "c"]] } },
    /merges\[0\] should be two tokens/,
  ],
  ["small letters", normalizer("Lowercase", {}), /normalizer.type is "Lowercase"; supported are NFC, NFD, NFKC/],
  ["another text in front", normalizer("Prepend", { prepend: "_" }), /normalizer.prepend is "_"; supported is "▁"/],
  [
    "a replacement of nothing",
    normalizer("Replace", { content: "x" }),
    /normalizer.pattern should be .*, but is missing/,
  ],
  [
    "a pattern in another form",
    normalizer("Replace", { pattern: "a" }),
    /normalizer.pattern should be an object, but is "a"/,
  ],
  [
    "another cut",
    cut({ type: "Whitespace" }, byteLevel),
    /pretokenizers\[0\].type is "Whitespace"; supported are Split, Digits/,
  ],
  [
    "another behaviour",
    cut({ type: "Split", pattern: { String: "a" }, behavior: "Lost" }, byteLevel),
    /behavior is "Lost"; supp/,
  ],
  [
    "a space in front",
    cut({ ...byteLevel, add_prefix_space: true }),
    /add_prefix_space is true; supported are texts as they/,
  ],
  [
    "cuts among bytes",
    cut(byteLevel, { type: "Digits" }),
    /pretokenizers\[0\].type is "ByteLevel"; supported is ByteLevel as the/,
  ],
  ["another mark for spaces", cut({ type: "Metaspace", replacement: "_" }), /replacement is "_"; supported is "▁"/],
  [
    "another scheme",
    cut({ type: "Metaspace", prepend_scheme: "last" }),
    /prepend_scheme is "last"; supported are always, first/,
  ],
  [
    "spaces marked late",
    cut({ type: "Digits" }, { type: "Metaspace" }),
    /type is "Metaspace"; supported is Metaspace as the first/,
  ],
  ["spaces as they are", cut({ type: "Digits" }), /neither a Metaspace nor a Replace turns spaces into ▁/],
  [
    "a sentence around a text",
    { ...gpt2.json, post_processor: { type: "BertProcessing" } },
    /post_processor.type is "BertProcessing"/,
  ],
  [
    "two tokens in front",
    {
      ...gpt2.json,
      post_processor: {
        type: "TemplateProcessing",
        single: [{ SpecialToken: { id: "a" } }, { SpecialToken: { id: "b" } }, { Sequence: {} }],
      },
    },
    /post_processor.single is .*; supported is at most one token/,
  ],
];

for (const [what, json, message] of refused)
  test(`refused with a sentence: ${what}`, () => {
    assert.throws(() => open(json), { name: "CheckpointError", message });
  });

test("refused: a file that is not JSON, and a folder without the file", () => {
  const source = { path: "folder", metadata: new Map() };
  const message = /folder\/tokenizer\.json is not valid JSON/;
  assert.throws(() => createTokenizer({ ...source, tokenizerJson: "{" }), { name: "CheckpointError", message });
  assert.throws(() => createTokenizer(source), {
    name: "CheckpointError",
    message: /^folder holds no tokenizer; expected tokenizer.json in a folder, .* Copy the tokenizer.json of the model/,
  });
});
