import assert from "node:assert/strict";
import { test } from "node:test";
import { oneLine, visible } from "../../cli/terminal";

const hostile = [
  "\x1b[2J\x1b]0;title\x07", // clears the screen, and sets the title of the window
  "\x9b31m", // a control sequence with the 8-bit introducer
  "a\rb\bc\x7f",
  "\u202etxt.exe\u2066", // changes the direction of text
  "\u{e0041}\u200b\ufeff\u2028", // invisible characters
];
for (const text of hostile)
  test(`${JSON.stringify(visible(text))} is the escaped form of control characters`, () => {
    assert.doesNotMatch(visible(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.equal(JSON.parse(`"${visible(text)}"`), text);
  });

test("other text is not escaped, and oneLine escapes line ends and tabs", () => {
  const text = "\tif (a) {\n  // é, 東京, 🍎, “quoted”\n";
  assert.equal(visible(text), text);
  assert.equal(oneLine(text), text.replaceAll("\n", "\\u000a").replaceAll("\t", "\\u0009"));
});
