import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, permutation, random, randomInteger } from "../../../engine/train/random";

/** χ² of `counts` against even odds. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
}

const draws = 64_000;
/** Of 63 degrees of freedom: one in a million lies above. */
const bound = 131;

for (const [what, draw] of [
  ["the first counter", (i: number) => random(7, i)],
  ["the second", (i: number) => random(7, 3, i)],
  ["the seed", (i: number) => random(i, 3)],
  ["both at once", (i: number) => random(7, i, i)],
  ["large steps", (i: number) => random(7, i * 4096)],
] as const)
  test(`random numbers over ${what} are uniform and do not correlate`, () => {
    const counts = new Array(64).fill(0);
    const pairs = new Array(64).fill(0);
    for (let i = 0; i < draws; i++) {
      counts[Math.floor(draw(i) * 64)]++;
      pairs[Math.floor(draw(i) * 8) * 8 + Math.floor(draw(i + 1) * 8)]++;
    }
    assert.ok(chiSquare(counts) < bound, `${chiSquare(counts)}`);
    assert.ok(chiSquare(pairs) < bound, `${chiSquare(pairs)}`);
  });

test("equal counters give equal numbers, other counters give others", () => {
  assert.equal(random(1, 2, 3), random(1, 2, 3));
  const others = [random(1, 2, 3), random(1, 3, 2), random(2, 1, 3), random(1, 2), random(1, 2, 3, 0)];
  assert.equal(new Set(others).size, others.length);
});

test("whole numbers stay below their end", () => {
  const seen = new Set(Array.from({ length: 1000 }, (_, i) => randomInteger(5, 1, i)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
});

test("a permutation holds each number once, at every place as often", () => {
  assert.deepEqual([...permutation(1000, 4).toSorted()], [...new Uint32Array(1000).keys()]);
  const counts = new Array(64).fill(0);
  for (let i = 0; i < draws / 8; i++) for (const [place, n] of permutation(8, 4, i).entries()) counts[8 * n + place]++;
  assert.ok(chiSquare(counts) < bound, `${chiSquare(counts)}`);
  assert.deepEqual([...permutation(0, 1)], []);
});

test("normal numbers have mean 0, variance 1, and tails as a normal distribution has them", () => {
  const drawn = Array.from({ length: draws }, (_, i) => normal(7, 1, i));
  const mean = (of: (value: number) => number) => drawn.reduce((sum, value) => sum + of(value), 0) / draws;
  assert.ok(Math.abs(mean((value) => value)) < 0.02);
  assert.ok(Math.abs(mean((value) => value ** 2) - 1) < 0.03);
  for (const [bound, share] of [
    [1, 0.3173],
    [2, 0.0455],
    [3, 0.0027],
  ])
    assert.ok(Math.abs(mean((value) => (Math.abs(value) > bound ? 1 : 0)) / share - 1) < (bound < 3 ? 0.05 : 0.4));
  assert.ok(drawn.every(Number.isFinite));
});
