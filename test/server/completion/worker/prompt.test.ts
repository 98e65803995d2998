import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { builtInModel, control, type FillInMiddle, openCheckpoint } from "../../../../engine";
import { sharedPrefix } from "../../../../engine/generate/session";
import { createTokenizer } from "../../../../engine/text/tokenizer";
import type { CaretText } from "../../../../server/completion/types";
import { createLayout } from "../../../../server/completion/worker/prompt";
import { at } from "../place";

const checkpoint = await openCheckpoint(builtInModel("smollm2-135m-instruct-q4_1.gguf"));
const tokenizer = createTokenizer(checkpoint);
await checkpoint.close();
/** A layout without pieces. */
const layoutOf = (form: FillInMiddle | undefined) => {
  const layOut = createLayout(tokenizer, form);
  return (source: CaretText, budget: number) => layOut({ source, pieces: [], budget });
};
const layOut = layoutOf(undefined);
const code = (await readFile("bench/fixtures/code.ts", "utf8")).repeat(4);
const caretAt = (offset: number) =>
  at(`${code.slice(0, offset).replaceAll("|", "/")}|${code.slice(offset).replaceAll("|", "/")}`);

test("prompt: it is the path as a comment, then the text left of the caret", () => {
  const { ids, pieces } = layOut({ ...at("const a = 1;\nconst b =| 2;"), path: "src/a.ts" }, 500);
  assert.equal(tokenizer.decode(ids), "// src/a.ts\nconst a = 1;\nconst b");
  assert.deepEqual(
    pieces.map(({ kind, text, origin }) => ({ kind, text, origin })),
    [
      { kind: "path", text: "// src/a.ts\n", origin: undefined },
      {
        kind: "prefix",
        text: "const a = 1;\nconst b",
        origin: { uri: "file:///a", firstLine: 0, lastLine: 1 },
      },
    ],
  );
  assert.equal(
    pieces.reduce((sum, { tokens }) => sum + tokens, 0),
    ids.length,
  );
});

test("prompt: it has no path in a language without comments", () =>
  assert.equal(tokenizer.decode(layOut({ ...at("a|"), languageId: "json" }, 500).ids), "a"));

for (const [place, left, healedPrefix] of [
  ["a; return |", "a; return", " "],
  ["f() {\n    |", "f() {", "\n    "],
  ["foo.ba|", "foo", ".ba"],
  ["const retu|", "const", " retu"],
  ["foo(|", "foo", "("],
  ["const über|", "const über", ""],
])
  test(`prompt: ${JSON.stringify(place)} leaves its last word to the model`, () => {
    const layout = layOut({ ...at(place), languageId: "json" }, 500);
    assert.equal(tokenizer.decode(layout.ids), left);
    assert.equal(layout.healedPrefix, healedPrefix);
  });

test("prompt: special tokens in a file are text", () => {
  const { ids } = layOut({ ...at("|"), prefix: "a <|im_end|> b" }, 500);
  assert.ok(!ids.some((id) => tokenizer.isSpecial(id)));
  assert.ok(tokenizer.decode(ids).endsWith("a <|im_end|>"));
});

test("prompt: it is never longer than its budget, and uses most of it", () => {
  for (const budget of [64, 200, 777, 1536])
    for (let offset = 997; offset < code.length; offset += 997) {
      const { ids, pieces } = layOut(caretAt(offset), budget);
      assert.ok(ids.length <= budget, `${ids.length} of ${budget} at ${offset}`);
      const cut = pieces.find(({ kind }) => kind === "prefix")!.text.length < offset - 8;
      if (cut)
        assert.ok(ids.length > budget * (budget > 100 ? 0.5 : 0.3), `only ${ids.length} of ${budget} at ${offset}`);
    }
});

test("prompt: its start rarely changes while the user types", () => {
  let [cuts, last] = [0, layOut(caretAt(20_000), 800).ids];
  const typed = 4000;
  for (let offset = 20_001; offset < 20_000 + typed; offset++) {
    const { ids } = layOut(caretAt(offset), 800);
    if (sharedPrefix(ids, last) < last.length - 8) cuts++;
    last = ids;
  }
  const tokens = tokenizer.encode(code.slice(20_000, 20_000 + typed)).length;
  assert.ok(cuts <= Math.ceil(tokens / 200) + 2, `cut ${cuts} times in ${tokens} tokens`);
});

test("prompt: one long line is cut", () => {
  const { ids } = layOut(at(`${"ab, ".repeat(20_000)}|`), 300);
  assert.ok(ids.length <= 300 && ids.length > 150);
});

const form: FillInMiddle = {
  otherFiles: "prefix",
  withinLines: false,
  orders: ["PSM"],
  layout: ({ prefix, suffix }) => [control(1), ...prefix, control(2), ...suffix, control(1)],
};

const suffixOf = (text: string, form: FillInMiddle) =>
  layoutOf(form)(at(text), 500).pieces.find(({ kind }) => kind === "suffix")?.text;

test("prompt: closers right of the caret are left out of a suffix that comes first", () => {
  for (const [text, suffix] of [
    ["a(|);\nb();", "\nb();"],
    ["a(|b);\n", "b);\n"],
    ["a = |\nb();", "\nb();"],
  ])
    assert.equal(suffixOf(text, { ...form, orders: ["SPM"] }), suffix, text);
  assert.equal(suffixOf("a(|);\nb();", form), ");\nb();");
});

test("prompt: a fill-in-the-middle form for gaps within lines is used only there", () => {
  const kinds = (text: string) =>
    layoutOf({ ...form, withinLines: true })(at(text), 500).pieces.map(({ kind }) => kind);
  for (const text of ["a(|b);\n", "a(| + b);\nb();"]) assert.ok(kinds(text).includes("suffix"), text);
  for (const text of ["a(|);\nb();", "a = |\nb();", "a = |"]) assert.deepEqual(kinds(text), ["path", "prefix"], text);
});

test("prompt: the suffix is no longer than the model was trained on", () => {
  const { pieces } = layoutOf({ ...form, longestSuffix: 64 })(at(`a = |${"\nb();".repeat(100)}`), 1536);
  const { tokens } = pieces.find(({ kind }) => kind === "suffix")!;
  assert.ok(tokens > 32 && tokens <= 64, `${tokens}`);
});

test("prompt: for a model that fills in the middle it has the model's own form", () => {
  const { pieces } = layoutOf(form)(at("a(|);\nb();"), 500);
  assert.deepEqual(
    pieces.map(({ kind, text }) => [kind, text]),
    [
      ["control", tokenizer.decode([1], { special: true })],
      ["path", "// a\n"],
      ["prefix", "a"],
      ["control", tokenizer.decode([2], { special: true })],
      ["suffix", ");\nb();"],
      ["control", tokenizer.decode([1], { special: true })],
    ],
  );
});

test("prompt: with a suffix it is never longer than its budget", () => {
  const fill = layoutOf(form);
  for (const budget of [64, 333, 1536])
    for (let offset = 0; offset < code.length; offset += 4999) {
      const { ids } = fill(caretAt(offset), budget);
      assert.ok(ids.length <= budget, `${ids.length} of ${budget} at ${offset}`);
    }
});
