import assert from "node:assert/strict";
import { test } from "node:test";
import { documentExamples } from "../../../engine/train/data";
import { type Example, exampleOf, given } from "../../../engine/train/example";
import { pack, type Sequence } from "../../../engine/train/pack";
import { random, randomInteger } from "../../../engine/train/random";
import { tiny } from "./tokenizers";

/** Rows that read the same example, as the ids they stand for. */
function examplesIn({ tokens, targets, starts }: Sequence): number[][] {
  const found = new Map<number, number[]>();
  for (const [row, start] of starts.entries()) {
    if (targets[row] < 0) continue;
    const ids = found.get(start) ?? [tokens[row]];
    assert.equal(ids.at(-1), tokens[row]);
    found.set(start, [...ids, targets[row]]);
  }
  return [...found.values()];
}

const key = (ids: Iterable<number>) => [...ids].join(" ");

test("a sequence holds its examples row by row, then padding", () => {
  const [sequence, ...more] = pack([exampleOf([1, 2, 3]), exampleOf([...given([4, 5]), 6, 7])], 7);
  assert.equal(more.length, 0);
  assert.deepEqual(
    Object.entries(sequence).map(([name, values]) => `${name}: ${key(values)}`),
    [
      "tokens: 4 5 6 1 2 0 0",
      "targets: 5 6 7 2 3 -1 -1",
      "positions: 0 1 2 0 1 0 0",
      "starts: 0 0 0 3 3 5 6",
      "weights: 0 1 1 1 1 0 0",
    ],
  );
});

const examples: Example[] = Array.from({ length: 500 }, (_, i) =>
  exampleOf(
    Array.from({ length: 2 + randomInteger(i % 3 ? 20 : 64, 5, i) }, (_, at) =>
      random(6, i, at) < 0.2 ? ~(at + i) : at + i,
    ),
  ),
);

test("every example is packed once and whole, and no row sees another example", () => {
  const sequences = pack(examples, 64);
  const useful = examples.filter(({ learned }) => learned.subarray(1).includes(1));
  assert.deepEqual(sequences.flatMap(examplesIn).map(key).sort(), useful.map(({ ids }) => key(ids)).sort());
  for (const { tokens, targets, positions, starts, weights } of sequences) {
    for (const values of [tokens, targets, positions, starts, weights]) assert.equal(values.length, 64);
    for (let row = 0; row < 64; row++) {
      assert.equal(starts[row] + positions[row], row);
      assert.equal(starts[starts[row]], starts[row]);
      assert.ok(targets[row] >= 0 || weights[row] === 0);
    }
  }
  const learned = useful.reduce((sum, { learned }) => sum + learned.subarray(1).reduce((a, b) => a + b, 0), 0);
  assert.equal(
    sequences.flatMap(({ weights }) => [...weights]).reduce((a, b) => a + b, 0),
    learned,
  );
});

test("few rows are padding", () => {
  const rows = examples.reduce((sum, { ids }) => sum + ids.length - 1, 0);
  assert.ok(
    pack(examples, 64).length <= Math.ceil((1.03 * rows) / 64),
    `${rows} rows in ${pack(examples, 64).length} × 64`,
  );
});

test("examples with nothing to learn are left out, and one that is too long is refused", () => {
  assert.deepEqual(
    pack([exampleOf([1]), exampleOf([]), exampleOf(given([1, 2])), exampleOf([1, ...given([2])])], 8),
    [],
  );
  assert.throws(() => pack([exampleOf([1, 2, 3, 4])], 2), /An example takes 3 rows, but a sequence has 2/);
});

test("an example may fill a sequence to the last row", () => {
  const { tokenizer } = tiny();
  const options = { tokenizer, form: undefined, length: 8, seed: 1 };
  const [sequence, ...more] = pack(documentExamples([{ header: "", text: "12345678" }], options), 8);
  assert.equal(more.length, 0);
  assert.deepEqual(sequence.targets.at(-1), tokenizer.endOfText);
});
