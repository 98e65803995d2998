import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { readFixture } from "./fixtures";

interface TokenizerJson {
  model: object;
  pre_tokenizer: object | null;
  normalizer: object | null;
}
type Kind = { json: TokenizerJson; ids: number[][] };
const { texts, ...kinds } = readFixture<{ texts: string[] } & Record<string, Kind>>("tokenizerJson") as {
  texts: string[];
} & Record<string, unknown>;

const open = (json: unknown) =>
  createTokenizer({ path: "folder", metadata: new Map(), tokenizerJson: JSON.stringify(json) });

for (const [name, { json, ids }] of Object.entries(kinds as Record<string, Kind>))
  test(`${name}: the tokens are those of Hugging Face's tokenizers`, () => {
    const tokenizer = open(json);
    texts.forEach((text, i) => {
      assert.deepEqual(tokenizer.encode(text), ids[i], JSON.stringify(text));
    });
  });

const { llama3, gpt2 } = kinds as Record<string, Kind>;

test("the beginning of a text is what the template puts there", () => {
  assert.equal(open(llama3.json).encode("a", { bos: true })[0], 1);
  assert.equal(open(gpt2.json).encode("a", { bos: true }).length, 1);
  const metadata = new Map([["tokenizer.ggml.add_bos_token", false]]); // tokenizer_config.json has the last word
  const tokenizer = createTokenizer({ path: "folder", metadata, tokenizerJson: JSON.stringify(llama3.json) });
  assert.equal(tokenizer.encode("a", { bos: true }).length, 1);
});

test("added tokens are special, and read as tokens only when asked", () => {
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

test("refused with a sentence: what would be read wrongly", () => {
  const refuses = (json: unknown, message: RegExp) =>
    assert.throws(() => open(json), { name: "CheckpointError", message });
  refuses({ ...gpt2.json, model: { type: "Unigram", vocab: [] } }, /kind "Unigram"; supported is "BPE"/);
  refuses({ ...gpt2.json, normalizer: { type: "Lowercase" } }, /not supported: .*Lowercase/);
  const split = { type: "Split", pattern: { Regex: "a++" }, behavior: "Isolated", invert: false };
  refuses({ ...gpt2.json, pre_tokenizer: split }, /not supported: .*a\+\+/);
  refuses(null, /supported is "BPE"/);
  refuses({ ...gpt2.json, model: { ...gpt2.json.model, vocab: { a: 4e9 } } }, /"a" the id 4000000000/);
  refuses({ ...gpt2.json, model: { ...gpt2.json.model, merges: [7] } }, /cannot be read/);
  assert.throws(() => createTokenizer({ path: "folder", metadata: new Map(), tokenizerJson: "{" }), {
    name: "CheckpointError",
    message: /folder: tokenizer\.json cannot be read/,
  });
});
