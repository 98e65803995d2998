import assert from "node:assert/strict";
import { test } from "node:test";
import { terms } from "../../../../server/workspace/index/terms";

const cases: [text: string, terms: string[]][] = [
  ["user User", ["user"]],
  ["getUserName()", ["getUserName", "get", "user", "name"]],
  ["parseHTMLFile", ["parseHTMLFile", "parse", "html", "file"]],
  ["MAX_SIZE = 1", ["MAX_SIZE", "max", "size"]],
  ["_private $el utf8", ["_private", "private", "$el", "el", "utf8", "utf"]],
  ["x = i + 12", []],
  ["größe = 長さ", ["größe", "長さ"]],
  ["a.b a.b name name", ["name"]],
  [`"${"QmFzZTY0".repeat(9)}"`, []],
];
for (const [text, expected] of cases) test(`the terms of ${text}`, () => assert.deepEqual(terms(text), expected));
