import assert from "node:assert/strict";
import { test } from "node:test";
import { trim } from "../../../server/completion/trim";
import { at } from "./place";

/** What the document's line, and those it grows into, look like afterwards; undefined where nothing is shown. */
function accepted(place: string, text: string): string | undefined {
  const source = at(place);
  const shown = trim(text, source);
  return shown && `${source.prefix}${shown.insertText}|${source.suffix.slice(shown.replaces)}`;
}

const cases: [what: string, place: string, text: string, expected: string | undefined][] = [
  ["text goes in where nothing is in its way", "const a = |", "1;", "const a = 1;|"],
  ["blanks at the end go", "const a = |", "1;  \n", "const a = 1;|"],
  ["blanks alone are nothing", "const a = |", "  \n", undefined],
  ["what stands right of the caret is not repeated", "foo(|)", "a, b)", "foo(a, b|)"],
  ["nor with what ends the statement", "foo(|);", "a, b);", "foo(a, b|);"],
  ["more than that replaces it", "foo(|)", "a, b);", "foo(a, b);|"],
  ["a bracket of its own stays", "foo(|)", "bar(x)", "foo(bar(x)|)"],
  ["both at once", "foo(bar(|))", "x)", "foo(bar(x|))"],
  ["several closers are replaced", "foo({ a: |})", "1 });", "foo({ a: 1 });|"],
  ["a quote that the editor closed", 'const a = "|"', 'hello"', 'const a = "hello|"'],
  ["a quote with more after it", 'const a = "|"', 'hello";', 'const a = "hello";|'],
  ["a string of its own stays", "foo(|)", '"a"', 'foo("a"|)'],
  [
    "words on the right are not repeated",
    "const |= compute(total);",
    "sum = compute(total);",
    "const sum |= compute(total);",
  ],
  ["were they few", "debug |= 1", "mode = 1", "debug mode |= 1"],
  ["or one sign", "const size |=", "=", undefined],
  ["or did they close what is opened", "f({ |b } = c", "a, b } = c", "f({ a, |b } = c"],
  ["closers that it lacks stay right of it", "foo(|)", "a, b", "foo(a, b|)"],
  [
    "lines that come next are not repeated",
    "function f() {|\n  return 1;\n}\n",
    "\n  const a = 2;\n  return 1;\n}",
    "function f() {\n  const a = 2;|\n  return 1;\n}\n",
  ],
  [
    "a bracket further in is another",
    "class A {\n  f() {|\n}\n",
    "\n    return 1;\n  }",
    "class A {\n  f() {\n    return 1;\n  }|\n}\n",
  ],
  ["the line above is not echoed", "list.push(a);\nlist.|", "push(a);", undefined],
  ["a closing bracket may be", "  }\n|", "}", "  }\n}|"],
];

for (const [what, place, text, expected] of cases)
  test(`trim: ${what}`, () => assert.equal(accepted(place, text), expected));
