import assert from "node:assert/strict";
import { test } from "node:test";
import { oneLine, visible } from "../../cli/terminal";

const hostile = [
  "\x1b[2J\x1b]0;title\x07", // clears, and names the window
  "\x9b31m", // the same introducer in a single character
  "a\rb\bc\x7f",
  "\u202etxt.exe\u2066", // turns the direction
  "\u{e0041}\u200b\ufeff\u2028", // not seen at all
];
for (const text of hostile)
  test(`${JSON.stringify(visible(text))} is shown, and nothing of it obeyed`, () => {
    assert.doesNotMatch(visible(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.equal(JSON.parse(`"${visible(text)}"`), text);
  });

test("what people write stays as it is, and lines are kept where they may be", () => {
  const text = "\tif (a) {\n  // é, 東京, 🍎, “quoted”\n";
  assert.equal(visible(text), text);
  assert.equal(oneLine(text), text.replaceAll("\n", "\\u000a").replaceAll("\t", "\\u0009"));
});
