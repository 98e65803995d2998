import assert from "node:assert/strict";
import { test } from "node:test";
import { pairExample, parsePairs } from "../../../engine/train/pairs";
import { learned, read, tiny } from "./tokenizers";

const { tokenizer } = tiny();
const prompt = "0123456789";

test("response and end are learned, and the prompt is only read", () => {
  const example = pairExample({ prompt, response: "abc" }, tokenizer, 32);
  assert.equal(read(example.ids), "0123456789abc<|endoftext|>");
  assert.equal(learned(example), "abc<|endoftext|>");
});

test("a prompt that is too long loses its start", () => {
  const example = pairExample({ prompt, response: "abc" }, tokenizer, 8);
  assert.equal(read(example.ids), "56789abc<|endoftext|>");
  assert.equal(learned(example), "abc<|endoftext|>");
});

test("a response that is too long loses its end, and leaves a quarter of the sequence to the prompt", () => {
  const example = pairExample({ prompt, response: "abcdefghijkl" }, tokenizer, 11);
  assert.equal(read(example.ids), "789abcdefghi");
  assert.equal(learned(example), "abcdefghi");
  assert.equal(read(pairExample({ prompt: "?", response: "abcdefghijkl" }, tokenizer, 7).ids), "?abcdefg");
});

test("the beginning-of-text token comes first and is not learned", () => {
  const example = pairExample({ prompt, response: "abc" }, tiny({ withStart: true }).tokenizer, 8);
  assert.equal(read(example.ids), "<s>6789abc<|endoftext|>");
  assert.equal(learned(example), "abc<|endoftext|>");
});

test("pairs are read from lines of JSON, blank lines are skipped, and other keys are ignored", () => {
  const lines = '{"prompt": "a", "response": "b\\n", "id": 7}\n\n{"prompt": "", "response": "c"}\r\n';
  assert.deepEqual(parsePairs(lines), [
    { prompt: "a", response: "b\n" },
    { prompt: "", response: "c" },
  ]);
});

for (const line of [
  "{",
  "[]",
  "null",
  '{"prompt": "a"}',
  '{"prompt": 1, "response": "b"}',
  '{"prompt": "", "response": ""}',
])
  test(`${line} is refused, and the error names the line`, () =>
    assert.throws(() => parsePairs(`{"prompt": "a", "response": "b"}\n${line}`), /Line 2 should be .* but is /));
