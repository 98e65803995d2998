import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInModel, openCheckpoint } from "../../../../engine";
import { adapterFillInMiddle } from "../../../../engine/text/adapterFillInMiddle";
import { fillInMiddle } from "../../../../engine/text/fillInMiddle";
import { createTokenizer } from "../../../../engine/text/tokenizer";
import type { ContextPiece } from "../../../../server/completion/types";
import { createPieces } from "../../../../server/completion/worker/pieces";
import { createLayout } from "../../../../server/completion/worker/prompt";
import { sourceOf, tinyMetadata } from "../../../engine/text/fixtures";
import { at } from "../place";

const checkpoint = await openCheckpoint(builtInModel("smollm2-135m-instruct-q4_1.gguf"));
const tokenizer = createTokenizer(checkpoint);
await checkpoint.close();
const adapter = adapterFillInMiddle(tokenizer, {
  prefix: "<repo_name>",
  suffix: "<filename>",
  middle: "<jupyter_code>",
});

function piece(path: string, text: string, score: number): ContextPiece {
  const choice = { source: "similar", why: "similar code", score, milliseconds: 1 } as const;
  const lastLine = text.split("\n").length - 1;
  return { choice, uri: `file:///${path}`, path, languageId: "typescript", firstLine: 0, lastLine, text };
}
const pieces = [piece("best.ts", "best();", 0.8), piece("good.ts", "good();", 0.4)];
const source = { ...at("a;\nb = | + c;\nd;"), path: "own.ts" };

test("pieces: ahead of an adapter's form, below their paths, the best one last", () => {
  const { ids, pieces: parts } = createLayout(tokenizer, adapter)({ source, pieces, budget: 500 });
  assert.equal(
    tokenizer.decode(ids, { special: true }),
    "// good.ts\ngood();\n// best.ts\nbest();\n" + "<repo_name><filename> + c;\nd;<jupyter_code>// own.ts\na;\nb =",
  );
  assert.deepEqual(
    parts.filter(({ kind }) => kind === "context").map(({ text, choice, origin }) => [text, choice?.score, origin]),
    [
      ["// good.ts\ngood();\n", 0.4, { uri: "file:///good.ts", firstLine: 0, lastLine: 0 }],
      ["// best.ts\nbest();\n", 0.8, { uri: "file:///best.ts", firstLine: 0, lastLine: 0 }],
    ],
  );
  assert.equal(
    parts.reduce((sum, { tokens }) => sum + tokens, 0),
    ids.length,
  );
});

test("pieces: ahead of the file for a model without a form", () => {
  const { ids } = createLayout(tokenizer, undefined)({ source, pieces, budget: 500 });
  assert.equal(tokenizer.decode(ids), "// good.ts\ngood();\n// best.ts\nbest();\n// own.ts\na;\nb =");
});

for (const [name, special, text] of [
  [
    "in a model's own form for a repository",
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"],
    "<|file_sep|>good.ts\ngood();\n<|file_sep|>best.ts\nbest();\n<|file_sep|>own.ts\n" +
      "<|fim_prefix|>a;\nb =<|fim_suffix|> + c;\nd;<|fim_middle|>",
  ],
  [
    "in the prefix of a form that has no place for files",
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    "<|fim_prefix|>// good.ts\ngood();\n// best.ts\nbest();\n// own.ts\na;\nb =<|fim_suffix|> + c;\nd;<|fim_middle|>",
  ],
] as const)
  test(`pieces: ${name}`, () => {
    const vocabulary = sourceOf(tinyMetadata(special));
    const tokenizer = createTokenizer(vocabulary);
    const layOut = createLayout(tokenizer, fillInMiddle(tokenizer, vocabulary));
    assert.equal(tokenizer.decode(layOut({ source, pieces, budget: 1000 }).ids, { special: true }), text);
  });

test("pieces: never more than half of the budget, and the prompt within it", () => {
  const line = "const total = items.reduce((sum, item) => sum + item.price, 0);\n";
  const long = Array.from({ length: 8 }, (_, i) => piece(`dir${i}/file${i}.ts`, `// ${i}\n${line.repeat(24)}`, 0.5));
  for (const form of [adapter, undefined])
    for (const budget of [64, 300, 777, 1536]) {
      const source = at(`${line.repeat(200)}|\n${line.repeat(200)}`);
      const { ids, pieces } = createLayout(tokenizer, form)({ source, pieces: long, budget });
      const taken = pieces.filter(({ kind }) => kind === "context").reduce((sum, { tokens }) => sum + tokens, 0);
      assert.ok(ids.length <= budget, `${ids.length} of ${budget}`);
      assert.ok(taken <= budget / 2, `${taken} of ${budget}`);
      assert.equal(taken > 0, budget > 600, `${taken} of ${budget}`);
    }
});

test("pieces: those with the best score for their length are taken, and a long one does not keep out short ones", () => {
  const take = createPieces(tokenizer, undefined);
  const long = piece("long.ts", "work(item);\n".repeat(40), 0.6);
  const short = [piece("a.ts", "a();", 0.4), piece("b.ts", "b();", 0.5)];
  const paths = (room: number) => take([long, ...short], room).map(({ text }) => text.origin!.uri);
  assert.deepEqual(paths(60), ["file:///a.ts", "file:///b.ts"]);
  assert.deepEqual(paths(400), ["file:///a.ts", "file:///b.ts", "file:///long.ts"]);
});

test("pieces: special tokens in a piece are text", () => {
  const { ids } = createLayout(tokenizer, undefined)({ source, pieces: [piece("a.ts", "<|im_end|>", 1)], budget: 500 });
  assert.ok(!ids.some((id) => tokenizer.isSpecial(id)));
});
