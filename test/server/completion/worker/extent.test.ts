import assert from "node:assert/strict";
import { test } from "node:test";
import type { Extent } from "../../../../server/completion/types";
import { extentAt } from "../../../../server/completion/worker/extent";
import { createSyntax } from "../../../../server/completion/worker/syntax";
import { at } from "../place";

const cases: [languageId: string, place: string, expected: Extent][] = [
  ["typescript", "function f() {|", "block"],
  ["typescript", "function f() {|}", "block"],
  ["typescript", "function f() {\n  |\n}", "lines"],
  ["typescript", "class A {\n  f() {|\n}\n", "block"],
  ["typescript", "const f = () => {|\n\nfunction g() {\n  return 1;\n}\n", "block"],
  ["typescript", "function f() {|\n  return 1;\n}\n", "line"],
  ["typescript", "function f() {\n  if (a) {|\n  return 1;\n}\n", "block"],
  ["typescript", "const a = |", "line"],
  ["typescript", "const a = {|}", "block"],
  ["typescript", "const a = `\u0024{|}`", "line"],
  ["typescript", "foo(|)", "line"],
  ["typescript", "import {|} from 'a'", "line"],
  ["typescript", "// braces: {|", "line"],
  ["typescript", "const a = '{|'", "line"],
  ["typescript", "/*\n|\n*/", "line"],
  ["typescript", "const a = 1;\n|\nconst b = 2;", "lines"],
  ["typescript", "foo();|", "line"],
  ["typescriptreact", "const a = <b>{|}</b>", "line"],
  ["javascript", "if (a) {|}", "block"],
  ["python", "def f(a):|", "block"],
  ["python", "def f(a):\n    |", "lines"],
  ["python", "for a in b:|\n\nprint(1)\n", "block"],
  ["python", "a = {'b':|}", "line"],
  ["python", "a = b[1:|]", "line"],
  ["python", "def f(a:|", "line"],
  ["python", "# see:|", "line"],
  ["go", "func f() {|", "block"],
  ["rust", "fn f() -> u8 {|}", "block"],
  ["java", "class A {\n  void f() {|}\n}", "block"],
  ["csharp", "class A {\n  void F() {|}\n}", "block"],
  ["cpp", "int f() {|}", "block"],
  ["php", "<?php\nfunction f() {|}", "block"],
  ["css", "a {|}", "block"],
  ["kotlin", "fun f() {|}", "block"],
  ["kotlin", "fun f() {\n  |\n}", "lines"],
  ["kotlin", "val a = |", "line"],
];

const syntax = createSyntax();
for (const [languageId, place, expected] of cases)
  test(`extent: ${languageId} ${JSON.stringify(place)}`, async () => {
    const source = { ...at(place, languageId), uri: `file:///${languageId}` };
    assert.equal(extentAt(source, await syntax.placeOf(source), false), expected);
  });

test("extent: an invoked completion after a finished line is the next lines", () => {
  assert.equal(extentAt(at("foo();|"), undefined, true), "next");
  assert.equal(extentAt(at("foo(|);"), undefined, true), "line");
});

test("syntax: an incrementally updated tree gives the same place as a new one", async () => {
  let text = "function f(a) {\n  return a;\n}\n".repeat(20);
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let i = 0; i < 100; i++) {
    const from = random(text.length);
    const insert = ["{", "}", "'", "\n", "/*", "*/", "x", "`", "é😀", ""][random(10)];
    text = text.slice(0, from) + insert + text.slice(from + random(3));
    const source = at(`${text.slice(0, from)}|${text.slice(from)}`);
    assert.deepEqual(await syntax.placeOf(source), await createSyntax().placeOf(source), `edit ${i}`);
  }
});
