import assert from "node:assert/strict";
import { test } from "node:test";
import type { Extent } from "../../../../server/completion/types";
import { createStop } from "../../../../server/completion/worker/stop";
import { at } from "../place";

/** Feeds `text` as a model would, a character at a time. */
function written(place: string, text: string, extent: Extent): string {
  const stop = createStop(at(place), extent);
  for (let length = 1; length <= text.length; length++) {
    const end = stop(text.slice(0, length));
    if (end !== undefined) return text.slice(0, end);
  }
  return text;
}

const cases: [what: string, extent: Extent, place: string, text: string, expected: string][] = [
  ["a line ends with its line", "line", "const a = |", "1;\nconst b = 2;", "1;"],
  ["at the end of a line there is nothing to add to it", "line", "foo();|", "\nbar();", ""],
  ["a bracket that is missing is closed", "line", "foo(|", "a, b);\n", "a, b);"],
  ["one that the editor closed may be typed over", "line", "foo(|)", "a, b);\n", "a, b);"],
  ["but not one more", "line", "foo(|)", "a))", "a)"],
  ["one that stands further right is not closed again", "line", "foo(|, b)", "a)", "a"],
  ["by hand a line ends with its line, too", "next", "const a = |", "1;\nconst b = 2;", "1;"],
  ["and where it is finished, others come", "next", "  a();|", "\n  b();\n  c();\n\n  d();", "\n  b();\n  c();"],
  ["a stutter ends at its first turn", "line", "// loose-l|", "oose-loose-loose-loose-loose-l", "oose-l"],
  ["rules of dashes are none", "line", "// |", "----------------", "----------------"],
  ["before more arguments there is room for one", "line", "foo(|, b)", "bar(a, c), d);", "bar(a, c)"],
  ["what stands further right is not written again", "line", "const |= sum(a);", "total = sum(a); // b", "total "],
  ["brackets in strings are none", "line", "foo(|, b)", '")"', '")"'],
  ["no bytes that are no text", "line", "const a = |", "1\ufffd2", "1"],
  ["no control characters", "line", "const a = |", "1\u0007", "1"],
  [
    "a block ends with its closing bracket",
    "block",
    "function f() {|",
    "\n  return 1;\n}\n\nfunction g() {",
    "\n  return 1;\n}",
  ],
  [
    "that bracket is left out where it is there already",
    "block",
    "function f() {|\n}\n",
    "\n  return 1;\n}\n",
    "\n  return 1;",
  ],
  [
    "else belongs to the block",
    "block",
    "if (a) {|",
    "\n  b();\n} else {\n  c();\n}\nd();",
    "\n  b();\n} else {\n  c();\n}",
  ],
  ["a line further left ends it", "lines", "class A {\n  x = 1;\n  |\n}", "y = 2;\n  z = 3;\n}\n", "y = 2;\n  z = 3;"],
  [
    "an indented block ends where the indentation does",
    "block",
    "def f():|",
    "\n    return 1\nprint(f())",
    "\n    return 1",
  ],
  ["tabs count as columns", "block", "\tif (a) {|\n\t}", "\n\t\tb();\n    c();", "\n\t\tb();"],
  ["a blank line ends a group", "lines", "function f() {\n  |\n}", "a();\n  b();\n\n  c();", "a();\n  b();"],
  ["but not within brackets", "lines", "  |", "foo({\n    a,\n\n    b,\n  });\n\nx", "foo({\n    a,\n\n    b,\n  });"],
  [
    "what comes next already is not written again",
    "lines",
    "function f() {\n  |\n  return total;\n}",
    "let total = 0;\n  return total;\n}",
    "let total = 0;",
  ],
  ["a line is not repeated", "lines", "  |", "aaa();\n  bbb();\n  bbb();\n", "aaa();\n  bbb();"],
  ["nor further in", "lines", "  |", "if (a === 1) {\n    if (a === 1) {\n", "if (a === 1) {"],
  [
    "nor written for a third time",
    "lines",
    "  |",
    "aaa,\n  bbb,\n  ccc,\n  bbb,\n  ccc,\n  bbb,\n",
    "aaa,\n  bbb,\n  ccc,\n  bbb,\n  ccc,",
  ],
  [
    "but for brackets",
    "lines",
    "  |",
    "[\n    {\n    },\n    {\n    },\n    {\n    },\n",
    "[\n    {\n    },\n    {\n    },\n    {\n    },\n",
  ],
  [
    "there is an end to it",
    "lines",
    "|",
    Array.from({ length: 40 }, (_, i) => `a${i}();`).join("\n"),
    Array.from({ length: 16 }, (_, i) => `a${i}();`).join("\n"),
  ],
];

for (const [what, extent, place, text, expected] of cases)
  test(`stop: ${what}`, () => assert.equal(written(place, text, extent), expected));
