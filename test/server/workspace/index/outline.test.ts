import assert from "node:assert/strict";
import { test } from "node:test";
import { grammars } from "../../../../server/syntax/grammars";
import { outlineOf } from "../../../../server/workspace/index/outline";

/** For each language a text, and the names that it declares where others may use them, with their lines. */
const languages: Record<string, [text: string, declared: string]> = {
  c: [
    "#include <a.h>\n#define MAX(a) a\nstruct point { int x; };\nenum kind { A };\nstatic int *add(int a) {\n  int local = 1;\n  return a;\n}\nint proto(int a);\n",
    "MAX 1-1, point 2-2, x 2-2, kind 3-3, add 4-7, proto 8-8",
  ],
  cpp: [
    "namespace ns {\nclass Foo : public Bar {\n  int get() const;\n  void run(int a) { int x; }\n};\nvoid Foo::other() {}\ntemplate <typename T> T make(T t) { return t; }\n}\n",
    "ns 0-7, Foo 1-4, get 2-2, run 3-3, other 5-5, make 6-6",
  ],
  csharp: [
    "namespace N {\npublic class Foo {\n  public void Run(int a) { int x = 1; }\n}\ninterface IBar { void Go(); }\nrecord R(int X);\n}\n",
    "N 0-6, Foo 1-3, Run 2-2, IBar 4-4, Go 4-4, R 5-5",
  ],
  css: [".a { color: red; }\n@media print { .b { color: red } }\n", ""],
  go: [
    'package a\nimport "fmt"\n\n// Foo is one.\ntype Foo struct { X int }\nconst (\n C = 1\n)\nfunc (f *Foo) Run() { x := 1 }\nfunc Make() *Foo { return nil }\n',
    "Foo 3-4, C 6-6, Run 8-8, Make 9-9",
  ],
  java: [
    "package a;\nimport b.C;\npublic class Foo {\n  @Override\n  public void run(int a) { int x; }\n  interface Inner { void go(); }\n}\nrecord R(int x) {}\n",
    "Foo 2-6, run 3-4, Inner 5-5, go 5-5, R 7-7",
  ],
  javascript: [
    'import a from "a";\nexport const f = () => { const inner = 1; };\nexport default class Foo { run() {} }\nfunction g() {}\nf(function h() {});\n',
    "f 1-1, Foo 2-2, run 2-2, g 3-3",
  ],
  php: [
    "<?php\nnamespace A;\nuse B;\nclass Foo { public function run($a) { $y = 1; } }\ninterface I {}\nfunction g() {}\n",
    "A 1-1, Foo 3-3, run 3-3, I 4-4, g 5-5",
  ],
  python: [
    "import a\nclass Foo(Bar):\n    @property\n    def run(self):\n        def inner(): pass\n\nasync def g(): pass\n@deco\ndef h(): pass\n",
    "Foo 1-4, run 2-4, g 6-6, h 7-8",
  ],
  ruby: [
    'require "a"\nmodule A\n  class Foo < Bar\n    def run(a)\n    end\n    def self.make; end\n  end\nend\n',
    "A 1-7, Foo 2-6, run 3-4, make 5-5",
  ],
  rust: [
    "use a::b;\npub struct Foo { x: i32 }\nimpl Foo { pub fn run(&self) { let y = 1; } }\ntrait T { fn go(&self); }\nconst C: i32 = 1;\nmacro_rules! m { () => {} }\nmod inner { pub fn deep() {} }\ntype Al = i32;\n",
    "Foo 1-1, x 1-1, run 2-2, T 3-3, go 3-3, C 4-4, m 5-5, inner 6-6, deep 6-6, Al 7-7",
  ],
  shellscript: ["foo() {\n  local a=1\n}\nfunction bar { x; }\n", "foo 0-2, bar 3-3"],
  typescript: [
    'import { a } from "a";\n// Doc.\nexport interface Foo { x: number; run(a: number): void }\ntype Al = string;\nenum E { A }\nabstract class C<T> { run() { const y = 1 } abstract go(): void; }\nexport const f = (a: number) => { const inner = 1 };\nnamespace N { export function deep() {} }\n',
    "Foo 1-2, run 1-2, Al 3-3, E 4-4, C 5-5, run 5-5, go 5-5, f 6-6, N 7-7, deep 7-7",
  ],
  typescriptreact: ['export function App({ x }: Props) { return <div name="y">a</div>; }\n', "App 0-0"],
  // Declared by their grammars' relatives: .jsx is JavaScript.
  javascriptreact: ["export const App = () => <div />;\n", "App 0-0"],
};

test("every language with a grammar is looked at here", () =>
  assert.deepEqual(Object.keys(languages).sort(), Object.keys(grammars).sort()));

for (const [languageId, [text, declared]] of Object.entries(languages))
  test(`${languageId}: what is declared outside of functions`, async () => {
    const { declarations } = await outlineOf(text, languageId);
    assert.equal(declarations.map((one) => `${one.name} ${one.firstLine}-${one.lastLine}`).join(", "), declared);
  });

const linesOf = (chunks: { firstLine: number; lastLine: number }[]) =>
  chunks.map(({ firstLine, lastLine }) => `${firstLine}-${lastLine}`);

test("without a grammar, 16 lines are a chunk, every 8 lines, and the last ends with the file", async () => {
  const { chunks, declarations } = await outlineOf("line\n".repeat(29).trimEnd(), "plaintext");
  assert.deepEqual(linesOf(chunks), ["0-15", "8-23", "16-28"]);
  assert.deepEqual(declarations, []);
  assert.deepEqual(linesOf((await outlineOf("", "plaintext")).chunks), ["0-0"]);
});

test("a function that fits is not cut, small ones share a chunk, comments stay with what follows", async () => {
  const body = (lines: number) => "  run();\n".repeat(lines);
  const text = `function a() {\n${body(10)}}\n/** b. */\nfunction b() {\n${body(10)}}\n// c\nfunction c() {}\nfunction d() {}\n`;
  const { chunks } = await outlineOf(text, "typescript");
  assert.deepEqual(linesOf(chunks), ["0-11", "12-28"]);
});

test("a class is cut between its methods, and a long function between its statements", async () => {
  const method = (name: string, lines: number) => `  ${name}() {\n${"    run();\n".repeat(lines)}  }\n`;
  const text = `class A {\n${method("one", 15)}${method("two", 15)}${method("three", 40)}}\n`;
  const { chunks } = await outlineOf(text, "typescript");
  assert.deepEqual(linesOf(chunks), ["0-17", "18-34", "35-58", "59-78"]);
});

test("the chunks of a text with a grammar cover each line once, and none is longer than 24 lines", async () => {
  const nested = `${"if (a) {\n".repeat(120)}${"}\n".repeat(120)}`;
  const string = `const a = \`\n${"text\n".repeat(100)}\`;\n`;
  const broken = `class {{{ ((\n${"function (\n".repeat(60)}`;
  for (const text of [nested, string, broken, "", "\n\n\n", `${"/* long\n".repeat(80)}*/ let a;`]) {
    const { chunks } = await outlineOf(text, "typescript");
    const lines = chunks.flatMap(({ firstLine, lastLine }) =>
      Array.from({ length: lastLine - firstLine + 1 }, (_, i) => firstLine + i),
    );
    assert.deepEqual(lines, [...text.split("\n").keys()]);
    assert.ok(chunks.every(({ firstLine, lastLine }) => lastLine - firstLine < 24));
  }
});

test("a text that nests without end is outlined", async () => {
  for (const [languageId, open] of [
    ["typescript", "(\n"],
    ["typescript", "{ if (a)\n"],
    ["python", "[\n"],
    ["cpp", "namespace a {\n"],
  ])
    assert.ok((await outlineOf(open.repeat(20_000), languageId)).chunks.length > 800);
});
