import assert from "node:assert/strict";
import { test } from "node:test";
import type { Extent } from "../../../../server/completion/types";
import { createDraft } from "../../../../server/completion/worker/draft";
import { createStop } from "../../../../server/completion/worker/stop";
import { at } from "../place";

type Token = [text: string, logProbability: number];
/** The model's end token. */
const end = (logProbability: number): Token => ["", logProbability];

interface Given {
  place?: string;
  healed?: string;
  extent?: Extent;
  least?: number;
}

/** What was written of the tokens, and how many of them were needed. */
function written(tokens: Token[], { place = "a = |", healed = "", extent = "line", least = -2 }: Given = {}) {
  const draft = createDraft(healed, createStop(at(place), extent), least);
  const over = tokens.findIndex(([text, logProbability]) => draft.push(text, logProbability, text === ""));
  const { text, end, confidence } = draft.written();
  return { text, end, confidence: Number(confidence.toFixed(6)), tokens: over < 0 ? tokens.length : over + 1 };
}

test("draft: the confidence is the log-probability of the line, the token that ends it included", () => {
  const line: Token[] = [
    ["b", -0.1],
    ["();", -0.2],
  ];
  const expected = { text: "b();", confidence: -0.7, tokens: 3 };
  assert.deepEqual(written([...line, ["\n  ", -0.4], ["c", -9]]), { ...expected, end: "stopped" });
  assert.deepEqual(written([...line, end(-0.4)]), { ...expected, end: "joined" });
});
test("draft: an end in the middle of a token counts with that token", () =>
  assert.equal(
    written([
      ["b", -0.1],
      ["();\n", -0.2],
      ["c", -9],
    ]).confidence,
    -0.3,
  ));
test("draft: where the text right of the caret begins, it has joined, and that text does not count", () => {
  const tokens: Token[] = [
    ["b", -0.5],
    [" +", -0.25],
    [" c", -0.125],
    [" +", -1],
    [" d", -1],
  ];
  assert.deepEqual(written(tokens, { place: "a = | + d" }), {
    text: "b + c",
    end: "joined",
    confidence: -0.875,
    tokens: 5,
  });
});
test("draft: the token that writes the word at the caret again counts, for it may go on beyond the caret", () =>
  assert.deepEqual(written([[" retu", -0.5], ["rn", -0.25], end(0)], { healed: " retu" }), {
    ...{ text: "rn", end: "joined", confidence: -0.75, tokens: 3 },
  }));
test("draft: a first line that becomes too improbable is given up at once", () => {
  const tokens: Token[] = [["b", -1], ["c", -1.5], ["d", 0], end(0)];
  assert.deepEqual(written(tokens), { text: "bc", end: "unsure", confidence: -2.5, tokens: 2 });
  assert.deepEqual(written(tokens, { least: -Infinity }), { text: "bcd", end: "joined", confidence: -2.5, tokens: 4 });
});
test("draft: a longer text ends before the first line that is too improbable", () => {
  const tokens: Token[] = [
    ["\n  b();", -1.5],
    ["\n ", -0.4],
    [" c();", -1.5],
    ["\n  ", -0.4],
    ["d", -1],
    ["e();", -1.5],
    ["\n", 0],
  ];
  const where = { place: "if (a) {|", extent: "block" as const };
  assert.deepEqual(written(tokens, where), { text: "\n  b();\n  c();", end: "stopped", confidence: -1.5, tokens: 6 });
  assert.equal(written(tokens, { ...where, least: -Infinity }).text, "\n  b();\n  c();\n  de();\n");
});
test("draft: a stop rule decides before confidence does", () =>
  assert.deepEqual(
    written([
      ["b", -0.1],
      ["\n", -9],
    ]),
    { text: "b", end: "stopped", confidence: -9.1, tokens: 2 },
  ));
