import assert from "node:assert/strict";
import { after, test } from "node:test";
import { builtInModel, createGuides, encodeUnfinished, generateText, loadEngine } from "../../../engine";

const engine = await loadEngine(builtInModel("smollm2-135m-instruct-q4_1.gguf"), { device: "cpu", context: 64 });
after(() => engine.dispose());
const { tokenizer } = engine;
const guideTo = createGuides(tokenizer);

/** What a model would write that likes best what stands first in `likes`, and then low ids. */
function written(text: string, likes: string[]): string {
  const guide = guideTo(text);
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => -id);
  likes.forEach((piece, i) => {
    const [id] = tokenizer.encode(piece);
    assert.equal(tokenizer.decode([id]), piece, "one token");
    logits[id] = 1000 - i;
  });
  const ids: number[] = [];
  while (!guide.done) ids.push(guide.choose(logits));
  return tokenizer.decode(ids);
}

test("guide: of the tokens that go on from the text the most probable one", () =>
  assert.equal(written(" retu", [" const", " return", " returned"]), " return"));
test("guide: several tokens where none is long enough", () => {
  assert.equal(written(" return x", [" return"]).slice(0, 9), " return x");
  assert.equal(written(".mapIn", [".", "map", "Insert"]), ".mapInsert");
});
test("guide: any text at all", () => {
  for (const text of ["\n    ", "#%&", "ß", "\u0001", "日本"]) assert.ok(written(text, []).startsWith(text), text);
});
test("guide: nothing to begin with", () => assert.equal(guideTo("").done, true));
test("guide: never a special token", () => {
  const guide = guideTo("<");
  const logits = Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => (tokenizer.isSpecial(id) ? 1 : 0));
  assert.ok(!tokenizer.isSpecial(guide.choose(logits)));
});

test("text: what is owed is written again, not yielded, and holds no stop string", async () => {
  const { ids, owed } = encodeUnfinished(tokenizer, "function add(a, b) {\n  retu");
  assert.equal(owed, " retu");
  let text = "";
  const options = { maxTokens: 8, guide: guideTo(owed), stopStrings: ["e", ";"] };
  for await (const piece of generateText(engine, ids, options)) text += piece;
  assert.equal(text, "rn a + b");
});
test("text: nothing, where there was no room for all that is owed", async () => {
  const guide = guideTo("a = b + c");
  for await (const piece of generateText(engine, tokenizer.encode("x"), { maxTokens: 2, guide })) assert.fail(piece);
});
