import assert from "node:assert/strict";
import { test } from "node:test";
import type { Extent } from "../../../../server/completion/types";
import { createStop } from "../../../../server/completion/worker/stop";
import { at } from "../place";

/** The part of `text` before the stop, if the model writes one character at a time. */
function written(place: string, text: string, extent: Extent): string {
  const stop = createStop(at(place), extent);
  for (let length = 1; length <= text.length; length++) {
    const end = stop(text.slice(0, length));
    if (end !== undefined) return text.slice(0, end.at);
  }
  return text;
}

const cases: [what: string, extent: Extent, place: string, text: string, expected: string][] = [
  ["a line stops at its end", "line", "const a = |", "1;\nconst b = 2;", "1;"],
  ["a line that is finished stops before anything is written", "line", "foo();|", "\nbar();", ""],
  ["a missing closing bracket is written", "line", "foo(|", "a, b);\n", "a, b);"],
  ["a closing bracket right of the caret may be written again", "line", "foo(|)", "a, b);\n", "a, b);"],
  ["a closing bracket that nothing opens stops the line", "line", "foo(|)", "a))", "a)"],
  ["a closing bracket further right in the line stops the line", "line", "foo(|, b)", "a)", "a"],
  ["an invoked completion of an unfinished line stops at its end", "next", "const a = |", "1;\nconst b = 2;", "1;"],
  [
    "a long list that repeats itself stops after its first turn",
    "line",
    "// Five, Four, Thre|",
    "e, Two, One, Ten, Nine, Eight, Seven, Six, Five, Four, Three, Two, One, Ten, Nine, Eight, Seven, Six, Five, Four, Three,",
    "e, Two, One, Ten, Nine, Eight, Seven, Six, Five, Four, Thre",
  ],
  [
    "text that resembles what stands before it does not stop",
    "line",
    "|",
    "add(first, second), add(first, third), add(first, fourth)",
    "add(first, second), add(first, third), add(first, fourth)",
  ],
  [
    "an invoked completion after a finished line is the next lines",
    "next",
    "  a();|",
    "\n  b();\n  c();\n\n  d();",
    "\n  b();\n  c();",
  ],
  ["a repeated word stops after the first", "line", "// loose-l|", "oose-loose-loose-loose-loose-l", "oose-l"],
  [
    "a repeated word of another script stops after the first",
    "line",
    '["|',
    '河南", "河南", "河南", "河南", "',
    '河南", "',
  ],
  ["repeated dashes do not stop", "line", "// |", "----------------", "----------------"],
  ["one argument stops before the arguments on the right", "line", "foo(|, b)", "bar(a, c), d);", "bar(a, c)"],
  [
    "text that begins the rest of the line stops before it",
    "line",
    "const |= sum(a);",
    "total = sum(a); // b",
    "total ",
  ],
  ["a bracket in a string does not stop", "line", "foo(|, b)", '")"', '")"'],
  ["an invalid byte stops", "line", "const a = |", "1\ufffd2", "1"],
  ["a control character stops", "line", "const a = |", "1\u0007", "1"],
  [
    "a block stops after its closing bracket",
    "block",
    "function f() {|",
    "\n  return 1;\n}\n\nfunction g() {",
    "\n  return 1;\n}",
  ],
  [
    "a block stops before a closing bracket that the document has already",
    "block",
    "function f() {|\n}\n",
    "\n  return 1;\n}\n",
    "\n  return 1;",
  ],
  [
    "a block goes on with else",
    "block",
    "if (a) {|",
    "\n  b();\n} else {\n  c();\n}\nd();",
    "\n  b();\n} else {\n  c();\n}",
  ],
  [
    "lines stop before a line with less indentation",
    "lines",
    "class A {\n  x = 1;\n  |\n}",
    "y = 2;\n  z = 3;\n}\n",
    "y = 2;\n  z = 3;",
  ],
  [
    "a block by indentation stops before a line with less of it",
    "block",
    "def f():|",
    "\n    return 1\nprint(f())",
    "\n    return 1",
  ],
  ["a tab is as wide as several spaces", "block", "\tif (a) {|\n\t}", "\n\t\tb();\n    c();", "\n\t\tb();"],
  ["lines stop at a blank line", "lines", "function f() {\n  |\n}", "a();\n  b();\n\n  c();", "a();\n  b();"],
  [
    "a blank line within brackets does not stop",
    "lines",
    "  |",
    "foo({\n    a,\n\n    b,\n  });\n\nx",
    "foo({\n    a,\n\n    b,\n  });",
  ],
  [
    "lines stop before the line that follows in the document",
    "lines",
    "function f() {\n  |\n  return total;\n}",
    "let total = 0;\n  return total;\n}",
    "let total = 0;",
  ],
  [
    "a line that is written twice stops before the second",
    "lines",
    "  |",
    "aaa();\n  bbb();\n  bbb();\n",
    "aaa();\n  bbb();",
  ],
  [
    "a line that is repeated with more indentation stops before it",
    "lines",
    "  |",
    "if (a === 1) {\n    if (a === 1) {\n",
    "if (a === 1) {",
  ],
  [
    "a line that is written a third time stops before it",
    "lines",
    "  |",
    "aaa,\n  bbb,\n  ccc,\n  bbb,\n  ccc,\n  bbb,\n",
    "aaa,\n  bbb,\n  ccc,\n  bbb,\n  ccc,",
  ],
  [
    "repeated lines of brackets do not stop",
    "lines",
    "  |",
    "[\n    {\n    },\n    {\n    },\n    {\n    },\n",
    "[\n    {\n    },\n    {\n    },\n    {\n    },\n",
  ],
  [
    "lines stop after 16",
    "lines",
    "|",
    Array.from({ length: 40 }, (_, i) => `a${i}();`).join("\n"),
    Array.from({ length: 16 }, (_, i) => `a${i}();`).join("\n"),
  ],
];

for (const [what, extent, place, text, expected] of cases)
  test(`stop: ${what}`, () => assert.equal(written(place, text, extent), expected));
