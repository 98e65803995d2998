import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { cutInTurn } from "../../../engine/text/cut";
import { byteLetters } from "../../../engine/text/pieces";
import { preTokenizer } from "../../../engine/text/preTokenizers";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { trainTokenizer } from "../../../engine/text/trainTokenizer";
import { integer } from "../random";

const special = 4;
const fewest = 256 + special;

const files = (await readdir("engine/text")).filter((name) => name.endsWith(".ts")).sort();
const code = await Promise.all(files.map((name) => readFile(`engine/text/${name}`, "utf8")));

const tokenizerOf = (metadata: ReturnType<typeof trainTokenizer>) => createTokenizer({ path: "trained", metadata });

const symbols = (text: string): number[] => Array.from(Buffer.from(text));
const words = (texts: readonly string[]) =>
  texts.flatMap((text) => cutInTurn(text, preTokenizer("smollm")!.split)).map(symbols);

function merged(word: readonly number[], [left, right]: readonly [number, number], id: number): number[] {
  const ids: number[] = [];
  for (let i = 0; i < word.length; i++) {
    const both = word[i] === left && word[i + 1] === right;
    ids.push(both ? id : word[i]);
    if (both) i++;
  }
  return ids;
}

/** The definition: again and again all pairs are counted, and the most frequent one is merged. */
function mergesByDefinition(texts: readonly string[], maxMerges: number): [number, number][] {
  let cut = words(texts);
  const merges: [number, number][] = [];
  while (merges.length < maxMerges) {
    const counts = new Map<string, number>();
    for (const word of cut)
      for (let i = 0; i + 1 < word.length; i++) {
        const key = [word[i], word[i + 1]].map((id) => String(id).padStart(6, "0")).join(" ");
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    const [best] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    if (!best || best[1] < 2) break;
    const [left, right] = best[0].split(" ").map(Number);
    cut = cut.map((word) => merged(word, [left, right], 256 + merges.length));
    merges.push([left, right]);
  }
  return merges;
}

/** As GGUF writes them. */
function written(merges: readonly (readonly [number, number])[]): string[] {
  const tokens = [...byteLetters];
  return merges.map(([left, right]) => {
    tokens.push(tokens[left] + tokens[right]);
    return `${tokens[left]} ${tokens[right]}`;
  });
}

test("merges are those of the definition, for code and for texts of few letters, where pairs overlap", () => {
  const texts = [code.slice(0, 2), ["aaaaaaa aaa aa aaaa"], ["abababab bababa"], ["ééé🙂🙂"], [""]];
  for (let i = 0; i < 100; i++)
    texts.push([Array.from({ length: integer(1, 60) }, () => "ab c"[integer(0, 3)]).join("")]);
  for (const text of texts) {
    const metadata = trainTokenizer(text, fewest + 150);
    const expected = written(mergesByDefinition(text, 150));
    assert.deepEqual(metadata.get("tokenizer.ggml.merges"), expected);
    const tokens = metadata.get("tokenizer.ggml.tokens") as string[];
    assert.deepEqual(
      tokens.slice(fewest),
      expected.map((merge) => merge.replace(" ", "")),
    );
  }
});

test("the tokenizer encodes as the merges say, one after the other", () => {
  const { encode } = tokenizerOf(trainTokenizer(code, fewest + 200));
  const merges = mergesByDefinition(code, 200);
  for (const text of [
    ...code.slice(0, 3),
    "Naïve 🙂 words\t\n\n  of   1234 others",
    "unseen, entirely: ÿ\u0000\u{10ffff}",
  ]) {
    const expected = words([text]).flatMap((word) =>
      merges.reduce((ids, pair, rank) => merged(ids, pair, 256 + rank), word),
    );
    assert.deepEqual(
      encode(text),
      expected.map((id) => id + special),
    );
  }
});

test("the tokens of any text are decoded to that text, and each byte has a token", () => {
  const tokenizer = tokenizerOf(trainTokenizer(code, 1000));
  assert.equal(tokenizer.vocabSize, 1000);
  for (const text of [...code, "\u0000\ud83d\ude42 \u2028\r\n\t", "<|endoftext|><|fim_middle|>"]) {
    const ids = tokenizer.encode(text);
    assert.equal(tokenizer.decode(ids), text);
    assert.ok(!ids.some(tokenizer.isSpecial));
  }
  const pieces = Array.from({ length: 256 }, (_, byte) => tokenizer.piece(special + byte));
  assert.deepEqual(
    pieces.map((piece) => [...piece]),
    pieces.map((_, byte) => [byte]),
  );
});

test("code takes less than half of its bytes in tokens, and the same texts give the same tokens", () => {
  const metadata = trainTokenizer(code, 1000);
  assert.deepEqual(metadata, trainTokenizer(code, 1000));
  const { encode } = tokenizerOf(metadata);
  const all = code.join("");
  assert.ok(encode(all).length < Buffer.byteLength(all) / 2, `${encode(all).length} of ${Buffer.byteLength(all)}`);
});

test("the end-of-text token begins and ends texts, and the fill-in-the-middle tokens follow it", () => {
  const tokenizer = tokenizerOf(trainTokenizer(["a"], fewest));
  assert.deepEqual([tokenizer.bos, tokenizer.addBos, tokenizer.endOfText], [0, true, 0]);
  assert.deepEqual(
    ["prefix", "suffix", "middle"].map((name) => tokenizer.specialId(`<|fim_${name}|>`)),
    [1, 2, 3],
  );
});

test("merges never make a token that is special", () => {
  const texts = [" <||> <|.|>".repeat(50)];
  const tokenizer = tokenizerOf(trainTokenizer(texts, fewest + 100));
  assert.equal(tokenizer.decode(tokenizer.encode(texts[0])), texts[0]);
  assert.equal(Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(tokenizer.isSpecial).length, special);
});

test("merging ends where no pair occurs twice, and a vocabulary without room for all bytes is refused", () => {
  assert.equal(tokenizerOf(trainTokenizer(["abcdefg"], 300)).vocabSize, fewest);
  assert.throws(() => trainTokenizer(["a"], 259), /at least 260 tokens, not 259/);
});
