import assert from "node:assert/strict";
import { after, test } from "node:test";
import { builtInModel, createConstraints, encodeUnfinished, generateText, loadEngine } from "../../../engine";

const engine = await loadEngine(builtInModel("smollm2-135m-instruct-q4_1.gguf"), { device: "cpu", context: 64 });
after(() => engine.dispose());
const { tokenizer } = engine;
const constrainTo = createConstraints(tokenizer);

/** What a model would write that likes best what stands first in `likes`, and then low ids. */
function written(text: string, likes: string[]): string {
  const constraint = constrainTo(text);
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => -id);
  likes.forEach((piece, i) => {
    const [id] = tokenizer.encode(piece);
    assert.equal(tokenizer.decode([id]), piece, "one token");
    logits[id] = 1000 - i;
  });
  const ids: number[] = [];
  while (!constraint.done) ids.push(constraint.choose(logits));
  return tokenizer.decode(ids);
}

test("constraint: of the tokens that go on from the text the most probable one", () =>
  assert.equal(written(" retu", [" const", " return", " returned"]), " return"));
test("constraint: several tokens where none is long enough", () => {
  assert.equal(written(" return x", [" return"]).slice(0, 9), " return x");
  assert.equal(written(".mapIn", [".", "map", "Insert"]), ".mapInsert");
});
test("constraint: any text at all", () => {
  for (const text of ["\n    ", "#%&", "ß", "\u0001", "日本"]) assert.ok(written(text, []).startsWith(text), text);
});
test("constraint: nothing to begin with", () => assert.equal(constrainTo("").done, true));
test("constraint: never a special token", () => {
  const constraint = constrainTo("<");
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => (tokenizer.isSpecial(id) ? 1 : 0));
  assert.ok(!tokenizer.isSpecial(constraint.choose(logits)));
});

test("text: the healed prefix is written again, is not yielded, and no stop string is looked for in it", async () => {
  const { ids, healedPrefix } = encodeUnfinished(tokenizer, "function add(a, b) {\n  retu");
  assert.equal(healedPrefix, " retu");
  let text = "";
  const options = { maxTokens: 8, constraint: constrainTo(healedPrefix), stopStrings: ["e", ";"] };
  for await (const piece of generateText(engine, ids, options)) text += piece;
  assert.equal(text, "rn a + b");
});
test("text: nothing, where there is no room for the whole healed prefix", async () => {
  const constraint = constrainTo("a = b + c");
  for await (const piece of generateText(engine, tokenizer.encode("x"), { maxTokens: 2, constraint }))
    assert.fail(piece);
});
