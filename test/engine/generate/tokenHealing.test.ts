import assert from "node:assert/strict";
import { after, test } from "node:test";
import { builtInModel, createConstraints, encodeUnfinished, generateText, loadEngine } from "../../../engine";

const engine = await loadEngine(builtInModel("smollm2-135m-instruct-q4_1.gguf"), { device: "cpu", context: 64 });
after(() => engine.dispose());
const { tokenizer } = engine;
const constrainTo = createConstraints(tokenizer);

/** What a constrained model writes whose most probable tokens are `likes`, in that order, and then the lowest ids. */
function written(text: string, likes: string[]): string {
  const constraint = constrainTo(text);
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => -id);
  likes.forEach((piece, i) => {
    const [id] = tokenizer.encode(piece);
    assert.equal(tokenizer.decode([id]), piece, "one token");
    logits[id] = 1000 - i;
  });
  const ids: number[] = [];
  while (!constraint.done) ids.push(constraint.choose(logits).id);
  return tokenizer.decode(ids);
}

test("constraint: the most probable token that begins with the text is chosen", () =>
  assert.equal(written(" retu", [" const", " return", " returned"]), " return"));
test("constraint: several tokens are chosen where none is long enough", () => {
  assert.equal(written(" return x", [" return"]).slice(0, 9), " return x");
  assert.equal(written(".mapIn", [".", "map", "Insert"]), ".mapInsert");
});
test("constraint: every text can be written", () => {
  for (const text of ["\n    ", "#%&", "ß", "\u0001", "日本"]) assert.ok(written(text, []).startsWith(text), text);
});
test("constraint: an empty text needs no token", () => assert.equal(constrainTo("").done, true));
test("constraint: a special token is never chosen", () => {
  const constraint = constrainTo("<");
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => (tokenizer.isSpecial(id) ? 1 : 0));
  assert.ok(!tokenizer.isSpecial(constraint.choose(logits).id));
});
test("constraint: a token's probability is its share among the tokens that agree", () => {
  const logits = new Float32Array(tokenizer.vocabSize).fill(-100);
  const likes = { const: 9, " return": 2, " returned": 1 };
  for (const [piece, logit] of Object.entries(likes)) logits[tokenizer.encode(piece)[0]] = logit;
  const { id, logProbability } = constrainTo(" retu").choose(logits);
  assert.equal(tokenizer.decode([id]), " return");
  assert.ok(Math.abs(logProbability - Math.log(1 / (1 + Math.exp(-1)))) < 1e-6, `${logProbability}`);
});

test("text: the healed prefix is generated again, is not yielded, and is not searched for stop strings", async () => {
  const { ids, healedPrefix } = encodeUnfinished(tokenizer, "function add(a, b) {\n  retu");
  assert.equal(healedPrefix, " retu");
  let text = "";
  const options = { maxTokens: 8, constraint: constrainTo(healedPrefix), stopStrings: ["e", ";"] };
  for await (const piece of generateText(engine, ids, options)) text += piece;
  assert.equal(text, "rn a + b");
});
test("text: nothing is yielded where the whole healed prefix does not fit", async () => {
  const constraint = constrainTo("a = b + c");
  for await (const piece of generateText(engine, tokenizer.encode("x"), { maxTokens: 2, constraint }))
    assert.fail(piece);
});
