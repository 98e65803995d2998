import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import type { FillInMiddle } from "../../../engine/text/fillInMiddle";
import { cutAtLines } from "../../../engine/train/cut";
import { type DataOptions, documentExamples } from "../../../engine/train/data";
import { openFixture } from "../text/fixtures";
import { learned, read, tiny } from "./tokenizers";

const { tokenizer, form } = tiny();
const header = "// a.ts\n";
const leftToRight = { tokenizer, form: undefined, length: 64, seed: 1 };

const texts = await Promise.all(
  (await readdir("engine/train")).sort().map((name) => readFile(`engine/train/${name}`, "utf8")),
);
const documents = texts.map((text) => ({ header, text }));

test("a document's example is its header, text and end, and the header is not learned", () => {
  const [example] = documentExamples([{ header, text: "let a;\n" }], leftToRight);
  assert.equal(read(example.ids), "// a.ts\nlet a;\n<|endoftext|>");
  assert.equal(learned(example), "let a;\n<|endoftext|>");
});

test("the beginning-of-text token comes first and is not learned", () => {
  const [example] = documentExamples([{ header, text: "a" }], {
    ...leftToRight,
    ...tiny({ withStart: true }),
    form: undefined,
  });
  assert.equal(read(example.ids), "<s>// a.ts\na<|endoftext|>");
  assert.equal(learned(example), "a<|endoftext|>");
});

test("text that looks like a special token is encoded as text", () => {
  const [example] = documentExamples([{ header: "", text: "<|endoftext|>" }], leftToRight);
  assert.equal(example.ids.length, "<|endoftext|>".length + 1);
});

test("a long document is cut between lines; each piece has the header, and the last has the end", () => {
  const text = Array.from({ length: 9 }, (_, i) => `line number ${i}\n`).join("");
  const examples = documentExamples([{ header, text }], leftToRight);
  const pieces = examples.map(({ ids }) => read(ids));
  assert.equal(pieces.length, 3);
  for (const piece of pieces) assert.ok(piece.startsWith(header) && /(\n|<\|endoftext\|>)$/.test(piece));
  assert.equal(examples.map(learned).join(""), `${text}<|endoftext|>`);
});

test("pieces make up the whole text, none is too long, and none has room for the next one's first line", () => {
  const count = (text: string) => tokenizer.encode(text, { continues: true }).length;
  for (const room of [1, 7, 40, 200])
    for (const text of [...texts, "", "\n\n\n", "é🙂".repeat(50), "no end"]) {
      const pieces = cutAtLines(text, room, count);
      assert.equal(pieces.join(""), text);
      for (const [i, piece] of pieces.entries()) {
        assert.ok(count(piece) <= room || [...piece].length === 1, `${count(piece)} tokens for ${room}`);
        const next = pieces[i + 1]?.split(/(?<=\n)/)[0];
        if (next && piece.endsWith("\n")) assert.ok(count(piece) + count(next) > room);
      }
    }
  assert.throws(() => cutAtLines("a", 0, count), /room for a token of text, not 0/);
});

test("a header that would take most of a sequence is left out", () => {
  const [example] = documentExamples([{ header: "x".repeat(60), text: "let a;" }], leftToRight);
  assert.equal(read(example.ids), "let a;<|endoftext|>");
});

/** Taken apart again: the parts in the order of the text. */
function parts(text: string) {
  const psm = /^<\|fim_prefix\|>(.*)<\|fim_suffix\|>(.*)<\|fim_middle\|>(.*)<\|endoftext\|>$/s.exec(text);
  if (!psm) return undefined;
  const [, prefix, suffix, rest] = psm;
  return prefix ? { order: "PSM", prefix, suffix, middle: rest } : { order: "SPM", prefix: "", suffix, middle: rest };
}

test("half of the text is laid out for filling in, both orders are as frequent, and no text is lost or repeated", () => {
  const options: DataOptions = { tokenizer, form, length: 128, seed: 3 };
  const examples = documentExamples(documents, options);
  const filled = examples.flatMap(({ ids }) => parts(read(ids)) ?? []);
  const sizes = filled.map(({ prefix, middle, suffix }) => (prefix + middle + suffix).replace(header, "").length);
  const share = sizes.reduce((a, b) => a + b) / texts.join("").length;
  assert.ok(Math.abs(share - 0.5) < 0.1, `${share} of the text`);
  const psm = filled.filter(({ order }) => order === "PSM").length;
  assert.ok(Math.abs(psm / filled.length - 0.5) < 0.15, `${psm} of ${filled.length}`);

  const whole = examples.map(({ ids }) => {
    const found = parts(read(ids));
    const text = found ? found.prefix + found.middle + found.suffix : read(ids).replace("<|endoftext|>", "");
    assert.ok(text.startsWith(header));
    return text.slice(header.length);
  });
  assert.equal(whole.join(""), texts.join(""));
});

test("prefix, suffix, middle and end are learned, marks and header are not", () => {
  const examples = documentExamples(documents, { tokenizer, form, length: 128, seed: 3 });
  for (const example of examples) {
    const found = parts(read(example.ids));
    if (!found) continue;
    const text = found.order === "PSM" ? found.prefix + found.suffix + found.middle : found.suffix + found.middle;
    assert.equal(learned(example), `${text.replace(header, "")}<|endoftext|>`);
  }
});

/** Of many times the same text. */
const middlesOf = (text: string) =>
  documentExamples(Array(4000).fill({ header: "", text }), { tokenizer, form, length: 256, seed: 3 }).flatMap(
    ({ ids }) => {
      const found = parts(read(ids));
      return found?.order === "PSM" ? found : []; // there is a prefix, or they would not be told from SPM
    },
  );
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

test("middles lie in the first half of the text as often as in the second", () => {
  const inside = middlesOf("abcdefghijklmnopqrstuvwxyz").filter(({ suffix }) => suffix);
  const length = meanOf(inside.map(({ middle }) => middle.length));
  // A third between any two places, and 26 / ln 27 characters where all orders of magnitude are alike: half of each.
  assert.ok(Math.abs(length - (9 + 7.9) / 2) < 1, `a middle has ${length} of 26 characters`);
  const short = inside.filter(({ middle }) => middle.length <= 3).length / inside.length;
  assert.ok(Math.abs(short - 0.35) < 0.05, `${short} of the middles are short`);
  const before = meanOf(inside.map(({ prefix }) => prefix.length));
  const after = meanOf(inside.map(({ suffix }) => suffix.length));
  assert.ok(Math.abs(before - after) < 0.5, `${before} characters before it, ${after} after it`);
});

test("a third of the middles end where a line does", () => {
  const middles = middlesOf("abcdefghi\n".repeat(8));
  const ended = middles.filter(({ suffix }) => suffix === "" || suffix.startsWith("\n")).length / middles.length;
  assert.ok(Math.abs(ended - 0.44) < 0.03, `${ended}: a third, and a sixth of the others by chance`);
});

test("a middle token's weight is four times that of other tokens", () => {
  for (const { ids, learned } of documentExamples(documents, { tokenizer, form, length: 128, seed: 3 })) {
    const middle = [...ids].indexOf(tokenizer.specialId("<|fim_middle|>")!) + 1;
    if (parts(read(ids))?.order !== "PSM") continue;
    assert.ok(learned.subarray(0, middle).every((weight) => weight <= 1));
    assert.ok(learned.subarray(middle).every((weight) => weight === 4));
  }
});

test("no cut falls between two halves of a surrogate pair", () => {
  const emoji = Array.from({ length: 300 }, () => ({ header: "", text: "🙂".repeat(12) }));
  for (const { ids } of documentExamples(emoji, { tokenizer, form, length: 64, seed: 3 }))
    assert.doesNotMatch(read(ids), /\ufffd/);
});

test("a form that has one order is always laid out in that order", () => {
  const only: FillInMiddle = { ...form, orders: ["SPM"] };
  const examples = documentExamples(documents, { tokenizer, form: only, length: 128, seed: 3 });
  assert.ok(examples.every(({ ids }) => parts(read(ids))?.order !== "PSM"));
});

for (const name of ["starcoder", "deepseek-coder", "llama-spm"])
  test(`with ${name}'s vocabulary no example is longer than its sequence, wherever the text is cut`, () => {
    const tokenizer = openFixture(name);
    for (const length of [24, 64, 512])
      for (const { ids } of documentExamples(documents, { tokenizer, form, length, seed: 3 }))
        assert.ok(ids.length <= length + 1, `${ids.length} tokens for ${length} rows`);
  });

test("the same seed gives the same examples, another seed gives others", () => {
  const options: DataOptions = { tokenizer, form, length: 128, seed: 3 };
  assert.deepEqual(documentExamples(documents, options), documentExamples(documents, options));
  assert.notDeepEqual(documentExamples(documents, options), documentExamples(documents, { ...options, seed: 4 }));
});
