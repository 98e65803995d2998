// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold placeholders.
// What stands right of the caret in its line is a part of the line. Each case is a place, what the model writes there, and
// the document once the suggestion is accepted; `⏹` is the model's end token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "../../../server/completion/suggest";
import { createDraft } from "../../../server/completion/worker/draft";
import { createStop } from "../../../server/completion/worker/stop";
import { at } from "./place";

/** The text after the suggestion was accepted; undefined if none is shown. Each token has the same log-probability. */
function accepted(place: string, text: string, languageId: string, logProbability = -0.01, least = -2) {
  const source = at(place, languageId);
  const draft = createDraft("", createStop(source, "line"), least);
  for (const piece of text.match(/⏹|\s*[\p{L}\p{N}_$]+|\s*[^\s⏹]|\s+/gu) ?? [])
    if (draft.push(piece === "⏹" ? "" : piece, logProbability, piece === "⏹")) break;
  const shown = show(draft.written(), source);
  return shown && `${source.prefix}${shown.insertText}|${source.suffix.slice(shown.replaces)}`;
}

type Case = [languageId: string, place: string, text: string, expected?: string];

const kinds: Record<string, Case[]> = {
  "a text that goes on to write the rest of the line ends where the rest begins": [
    ["typescript", "const |= sum(a);", "total = sum(a); // all\n", "const total |= sum(a);"],
    ["typescript", "for (let i = 0; |i++) {", "i < n; i++) {\n", "for (let i = 0; i < n; |i++) {"],
    ["typescript", "const { |b } = c;", "a, b } = c;\n", "const { a, |b } = c;"],
    ["typescriptreact", "<li key={|}>{item}</li>", "item.id}>{item}</li>\n", "<li key={item.id|}>{item}</li>"],
    ["python", "total = |values[0] + rest", "start + values[0] + rest\n", "total = start + |values[0] + rest"],
    ["python", "if not |is_file(path):", "path or not is_file(path):\n", "if not path or not |is_file(path):"],
    ["rust", "let |= Vec::new();", "mut items = Vec::new();\n", "let mut items |= Vec::new();"],
    ["go", "if err := |; err != nil {", "open(path); err != nil {\n", "if err := open(path)|; err != nil {"],
    ["html", "<p>|</p>", "Hello</p>\n", "<p>Hello|</p>"],
    ["css", "a { color: |; margin: 0; }", "red; margin: 0; }\n", "a { color: red|; margin: 0; }"],
    ["sql", "SELECT id, | FROM users", "name FROM users\n", "SELECT id, name| FROM users"],
    [
      "python",
      "# moving |parent of the block before",
      "it to the parent of the block after\n",
      "# moving it to the |parent of the block before",
    ],
    ["shellscript", "sort |> sorted", "names.txt > sorted\n", "sort names.txt |> sorted"],
  ],
  "a text that the model ends is put there": [
    ["typescript", "const |= sum(a);", "total ⏹", "const total |= sum(a);"],
    ["typescript", "return a |+ c;", "+ b ⏹", "return a + b |+ c;"],
    ["typescript", "foo(a, |c);", "b, ⏹", "foo(a, b, |c);"],
    ["python", "def area(self, | -> float:", "radius)⏹", "def area(self, radius)| -> float:"],
    ["python", "items = [|for x in values]", "x * 2 ⏹", "items = [x * 2 |for x in values]"],
    ["rust", "fn area(&self) |{", "-> f64 ⏹", "fn area(&self) -> f64 |{"],
    ["go", "func (s *Stack) |{", "Len() int ⏹", "func (s *Stack) Len() int |{"],
    ["html", '<a | class="link">', 'href="/"⏹', '<a href="/"| class="link">'],
    ["java", "public |int size() { return n; }", "static ⏹", "public static |int size() { return n; }"],
  ],
  "a text that ends as the line does, in its own way, is not shown": [
    ["html", "<p>Current |Count: {count}</p>", "count: {count}</p>\n"],
    ["typescriptreact", "<p>Current |Count: {count}</p>", "count: {count}</p>⏹"],
    ["html", "<h1>The |Corner shop</h1>", "Best</h1>\n"],
    ["html", "<h1>The |Corner shop</h1>", "Best</h1>⏹"],
    [
      "python",
      "return math.sqrt(|sum((v - m) ** 2 for v in values) / len(values)",
      "sum(values) ** 2) / len(values)\n",
    ],
    ["python", "return math.sqrt(|sum((v - m) ** 2 for v in values) / len(values)", "sum(values) / len(values)⏹"],
    ["typescript", "return `Dear |Hello, ${name}`;", "${name}!`;\n"],
    ["typescript", "return `Dear |Hello, ${name}`;", "${name}!`;⏹"],
    ["javascript", "child.|.props.polar;", "polar;\n"],
    ["javascript", "child.|.props.polar;", "props.polar;⏹"],
    ["java", "public |void two() { }", "static int two() { return 2; }\n"],
    ["java", "public |void two() { }", "static int two() { return 2; }⏹"],
    ["typescript", "expect(|received).toBe(1);", "value).toBe(1);\n"],
    ["typescript", "const a = |b;", "c;\n"],
    ["rust", "let area = |width * height;", "self.width * self.height;\n"],
    ["go", "return |nil, err", "value, nil\n"],
    ["css", "margin: |0 auto;", "1rem;\n"],
    ["sql", "SELECT | FROM users WHERE id = 1", "name FROM accounts WHERE id = 2\n"],
    ["python", "raise |ValueError(message)", "TypeError(message)\n"],
    ["json", '"scripts": { |"test": "node" }', '"build": "tsc" }\n'],
  ],
  "a text that begins as the rest begins, or as the line ended, is not shown": [
    ["rust", "Point { x: |x, y }", "x, y: y⏹"],
    ["typescript", "const p = { x: |x, y };", "x, y: y, ⏹"],
    ["python", "return max(|a, b, c)", "a, b), ⏹"],
    ["go", "return point{|x, y}", "x, y, z⏹"],
    [
      "rust",
      "((self.x - other.x).powi(2) + |).sqrt()",
      "(self.x - other.x).powi(2) + (self.y - other.y).powi(2)).sqrt()\n",
    ],
    ["python", "return a.x * b.x + | + c", "a.x * b.x + a.y * b.y⏹"],
  ],
  "a text that opens what nothing closes, or ends a statement within the line, is not shown": [
    ["javascript", "if (user.|this.users.set(user.id, user);", "email) {\n"],
    ["javascript", "if (user.|this.users.set(user.id, user);", "email) {⏹"],
    ["typescript", "const a = |b + c;", "foo(⏹"],
    ["typescript", "return |a.b;", "a;⏹"],
    ["go", "x := |y", "func() { ⏹"],
    ["python", "x = |y", "[⏹"],
  ],
  "brackets that the rest of the line closes may be opened, and a loop's head has semicolons": [
    ["typescript", "import |a } from 'a';", "{ b, ⏹", "import { b, |a } from 'a';"],
    ["typescript", "foo(|x));", "bar(⏹", "foo(bar(|x));"],
    ["javascript", "for (let i = 0|i < n; i++) {", "; ⏹", "for (let i = 0; |i < n; i++) {"],
  ],
  "before a word's own letters only a short text is shown": [
    ["typescript", "this.on|Message = f;", "Error⏹", "this.onError|Message = f;"],
    ["python", "def get_|name(self):", "first_⏹", "def get_first_|name(self):"],
    ["typescript", "// Not |qual to zero", "a typo, but a typo⏹"],
    ["typescript", "// Not |qual to zero", "e⏹", "// Not e|qual to zero"],
    ["markdown", "The |est of all", "quick brown fox is the fast⏹"],
    ["go", "var |ount int", "theTotalNumberOfAllC⏹"],
  ],
  "a closing bracket, separator or quote with which the rest begins ends the text": [
    ["typescript", "foo(|).then(done);", "a, b).then(done);\n", "foo(a, b|).then(done);"],
    ["typescript", "foo(|).then(done);", "bar(a)).catch(failed);\n", "foo(bar(a)|).then(done);"],
    [
      "rust",
      "((self.x - other.x).powi(2) + |).sqrt()",
      "(self.y - other.y).powi(2)).sqrt()\n",
      "((self.x - other.x).powi(2) + (self.y - other.y).powi(2)|).sqrt()",
    ],
    ["python", 'print(f"|", end="")', '{name}")\n', 'print(f"{name}|", end="")'],
    [
      "typescript",
      'import { a } from "|" with { type: "json" };',
      './a.json";\n',
      'import { a } from "./a.json|" with { type: "json" };',
    ],
    ["typescript", "foo(|, b);", "a, b);\n", "foo(a|, b);"],
    ["typescript", "foo(|, b);", "a);\n"],
    ["typescript", "const a: | = 1;", "number = 2;\n"],
    ["typescript", "f(a[|].b);", "i].c);\n", "f(a[i|].b);"],
  ],
  "at the end of a line the model's brackets stay": [
    ["typescript", "function area(width, height =|", " height) {\n", "function area(width, height = height) {|"],
    ["typescript", "// don't\n  attrs: SVG|", "VNodeAttrs) {\n", "// don't\n  attrs: SVGVNodeAttrs) {|"],
    ["typescript", "const close = /[)}]/;\nfoo(a, |\n}\n}\n", "b) {\n", "const close = /[)}]/;\nfoo(a, b) {|\n}\n}\n"],
    ["python", "# it's one\ndef f(a, b=|", "None):\n", "# it's one\ndef f(a, b=None):|"],
    [
      "rust",
      "fn area<'a>(&'a self, other: &'a |",
      "Shape) -> f64 {\n",
      "fn area<'a>(&'a self, other: &'a Shape) -> f64 {|",
    ],
  ],
  "closers right of the caret are written over": [
    ["typescript", "foo(|)", "a));\n", "foo(a|)"],
    ["typescript", "foo(|);", "a, b);\n", "foo(a, b|);"],
    ["typescript", "foo({ a: |})", "1 });\n", "foo({ a: 1 });|"],
    ["python", "print(|)", "len(values))\n", "print(len(values)|)"],
  ],
  "in JSON the last value has no comma, and a bracket alone is no value": [
    ["json", '{\n  "a": |\n}\n', "1,\n", '{\n  "a": 1|\n}\n'],
    ["json", '{\n  "a": "|"\n}\n', 'b",\n', '{\n  "a": "b"|\n}\n'],
    ["jsonc", "[\n  |\n]\n", '"a",\n', '[\n  "a"|\n]\n'],
    ["json", '{\n  "a": |\n  "b": 2\n}\n', "1,\n", '{\n  "a": 1,|\n  "b": 2\n}\n'],
    ["json", '{\n  "main": |\n}\n', "{\n"],
    ["json", '{\n  "main": |\n}\n', "{}\n", '{\n  "main": {}|\n}\n'],
    ["javascript", "a = {\n  b: |\n};\n", "1,\n", "a = {\n  b: 1,|\n};\n"],
  ],
  "a body that is nothing but a call of the function itself is not shown": [
    ["python", "def median(values):\n    |", "return median(values)\n"],
    [
      "python",
      "def median(values):\n    |",
      "return statistics.median(values)\n",
      "def median(values):\n    return statistics.median(values)|",
    ],
    ["python", "def size(self):\n    |", "return self.size()\n"],
    ["typescript", "function fact(n) {\n  |", "return fact(n);\n"],
    [
      "typescript",
      "function fact(n) {\n  |",
      "return n * fact(n - 1);\n",
      "function fact(n) {\n  return n * fact(n - 1);|",
    ],
    ["go", "func (s *Stack) Len() int {\n\t|", "return Len(s)\n"],
  ],
  "characters are whole": [
    ["python", 'name = "東|"', "京\ufffd", 'name = "東京|"'],
    ["python", 'name = "|', "日本\ufffd\ufffd", 'name = "日本|'],
    ["typescript", 'const a = "|', "\ufffd"],
  ],
};

for (const [kind, cases] of Object.entries(kinds))
  for (const [languageId, place, text, expected] of cases)
    test(`join: ${kind}: ${languageId} ${JSON.stringify(place)} + ${JSON.stringify(text)}`, () =>
      assert.equal(accepted(place, text, languageId), expected));

test("join: within a word the model must be sure, unless one asks by hand", () => {
  const place = "this.on|Message = f;";
  assert.equal(accepted(place, "Error⏹", "typescript", -0.75), undefined);
  assert.equal(accepted(place, "Error⏹", "typescript", -0.75, -Infinity), "this.onError|Message = f;");
});
test("join: what does not join is not shown by hand either", () =>
  assert.equal(accepted("<h1>The |Corner shop</h1>", "Best</h1>\n", "html", -0.1, -Infinity), undefined));
