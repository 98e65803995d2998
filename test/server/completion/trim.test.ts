import assert from "node:assert/strict";
import { test } from "node:test";
import { trim } from "../../../server/completion/trim";
import { at } from "./place";

/** The document after the text was trimmed and accepted, with the caret as `|`; undefined if nothing is shown. */
function accepted(place: string, text: string): string | undefined {
  const source = at(place);
  const shown = trim({ text, end: "joined", confidence: 0, least: -2 }, source);
  return shown && `${source.prefix}${shown.insertText}|${source.suffix.slice(shown.replaces)}`;
}

const cases: [what: string, place: string, text: string, expected: string | undefined][] = [
  ["text is inserted where nothing stands right of the caret", "const a = |", "1;", "const a = 1;|"],
  ["white space at the end is removed", "const a = |", "1;  \n", "const a = 1;|"],
  ["white space alone is not shown", "const a = |", "  \n", undefined],
  ["a closer right of the caret is not repeated", "foo(|)", "a, b)", "foo(a, b|)"],
  ["several closers right of the caret are not repeated", "foo(|);", "a, b);", "foo(a, b|);"],
  ["text that closes more than the line does replaces the closer", "foo(|)", "a, b);", "foo(a, b);|"],
  ["a bracket that the text itself opens stays", "foo(|)", "bar(x)", "foo(bar(x)|)"],
  ["a text with one of two closers drops it", "foo(bar(|))", "x)", "foo(bar(x|))"],
  ["text that goes on after several closers replaces them", "foo({ a: |})", "1 });", "foo({ a: 1 });|"],
  ["blanks between the closers are replaced with them", "foo({ a: | })", "1 });", "foo({ a: 1 });|"],
  ["a bracket after a quote is replaced too", 'a({ b: "|" })', 'c" });', 'a({ b: "c" });|'],
  ["a quote right of the caret is not repeated", 'const a = "|"', 'hello"', 'const a = "hello|"'],
  ["text that goes on after a quote replaces it", 'const a = "|"', 'hello";', 'const a = "hello";|'],
  ["text that ends a tag replaces its end", '<a href="|">', 'b" />', '<a href="b" />|'],
  ["a string that the text itself opens stays", "foo(|)", '"a"', 'foo("a"|)'],
  [
    "words right of the caret are not repeated",
    "const |= compute(total);",
    "sum = compute(total);",
    "const sum |= compute(total);",
  ],
  ["three characters right of the caret are not repeated", "debug |= 1", "mode = 1", "debug mode |= 1"],
  ["three characters with which the rest begins are not repeated", "debug |= 1;", "mode = 1", "debug mode |= 1;"],
  ["two characters with which the rest begins may be repeated", "f(|=> x)", "a =>", "f(a =>|=> x)"],
  ["a single character right of the caret is not repeated", "const size |=", "=", undefined],
  ["a repeated rest may close what the text opens", "f({ |b } = c", "a, b } = c", "f({ a, |b } = c"],
  ["closers that the text lacks stay right of it", "foo(|)", "a, b", "foo(a, b|)"],
  [
    "lines below the caret are not repeated",
    "function f() {|\n  return 1;\n}\n",
    "\n  const a = 2;\n  return 1;\n}",
    "function f() {\n  const a = 2;|\n  return 1;\n}\n",
  ],
  [
    "a closing bracket with another indentation than the one below stays",
    "class A {\n  f() {|\n}\n",
    "\n    return 1;\n  }",
    "class A {\n  f() {\n    return 1;\n  }|\n}\n",
  ],
  ["a repetition of the line above is not shown", "list.push(a);\nlist.|", "push(a);", undefined],
  ["a closing bracket like the one above is shown", "  }\n|", "}", "  }\n}|"],
];

for (const [what, place, text, expected] of cases)
  test(`trim: ${what}`, () => assert.equal(accepted(place, text), expected));
