// The reverse pass of attention: each of its ops is compared with its reference, and the whole with finite differences of
// attention.

import {
  attention,
  attentionDelta,
  attentionKeyGradient,
  attentionQueryGradient,
  attentionValueGradient,
  attentionWithLse,
} from "../../../engine/ops";
import { checkGradient, checkOp, type Input, integers, random } from "../check";
import { integer, normals } from "../random";

const range = (size: number, of: (i: number) => number) => integers(Array.from({ length: size }, (_, i) => of(i)));

/** Packed documents: each query sees its own document from its first row on. */
function documents(...lengths: number[]) {
  const starts = lengths.flatMap((length, i) => {
    const first = lengths.slice(0, i).reduce((a, b) => a + b, 0);
    return Array<number>(length).fill(first);
  });
  return { count: starts.length, positions: range(starts.length, (i) => i), starts: integers(starts) };
}

interface Case {
  count: number;
  positions: Input;
  starts: Input;
  heads: number;
  kvHeads: number;
  dim: number;
  valueDim?: number;
  capacity?: number;
  softCap?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "one row": { ...documents(1), heads: 1, kvHeads: 1, dim: 1 },
  "multi-head": { ...documents(11), heads: 3, kvHeads: 3, dim: 12, valueDim: 20 },
  "grouped, two documents": { ...documents(5, 13), heads: 4, kvHeads: 2, dim: 12, valueDim: 7 },
  "multi-query, several tiles": { ...documents(70, 23, 37), heads: 3, kvHeads: 1, dim: 16, valueDim: 10 },
  "heads of 64, a document of several tiles": { ...documents(3, 101), heads: 3, kvHeads: 1, dim: 64 },
  "soft-capped": { ...documents(70, 23), heads: 4, kvHeads: 2, dim: 12, valueDim: 20, softCap: 0.7 },
  "soft-capped far above all scores": { ...documents(20), heads: 2, kvHeads: 2, dim: 16, softCap: 50 },
  "heads wider than a tile": { ...documents(9), heads: 2, kvHeads: 1, dim: 72, valueDim: 130 },
  "part of a table": {
    count: 6,
    positions: range(6, (i) => 64 + i),
    starts: range(6, () => 0),
    heads: 4,
    kvHeads: 2,
    dim: 8,
    capacity: 90,
  },
  "in no order, some past the table or without sight": {
    count: 40,
    positions: range(40, () => integer(-2, 90)),
    starts: range(40, () => integer(-3, 60)),
    heads: 4,
    kvHeads: 2,
    dim: 10,
    valueDim: 9,
    capacity: 80,
  },
};

for (const [what, given] of Object.entries(cases)) {
  const { count, positions, starts, heads, kvHeads, dim, valueDim = dim, capacity = count, softCap = 0 } = given;
  const attrs = { scale: dim ** -0.5, softCap };
  const inputs = () => ({
    q: random(count, heads, dim),
    keys: random(capacity, kvHeads, dim),
    values: random(capacity, kvHeads, valueDim),
    lseDelta: { shape: [count, heads, 2], values: normals(count * heads * 2).map((x) => x + 3) },
    g: random(count, heads, valueDim),
  });

  checkOp(`attentionDelta: ${what}`, () => ({
    inputs: [random(count, heads), random(count, heads, valueDim), random(count, heads, valueDim)],
    compute: attentionDelta,
  }));
  for (const op of [attentionQueryGradient, attentionKeyGradient])
    checkOp(`${op.name}: ${what}`, () => {
      const { q, keys, values, lseDelta, g } = inputs();
      return {
        inputs: [q, keys, values, positions, starts, lseDelta, g],
        compute: (q, keys, values, positions, starts, lseDelta, g) =>
          op(q, keys, values, positions, starts, lseDelta, g, attrs),
      };
    });
  checkOp(`attentionValueGradient: ${what}`, () => {
    const { q, keys, lseDelta, g } = inputs();
    return {
      inputs: [q, keys, positions, starts, lseDelta, g],
      compute: (q, keys, positions, starts, lseDelta, g) =>
        attentionValueGradient(q, keys, positions, starts, lseDelta, g, attrs),
    };
  });
  checkGradient(`attention: ${what}`, () => {
    const { q, keys, values } = inputs();
    return {
      inputs: [q, keys, values, positions, starts],
      of: count > 1 ? [0, 1, 2] : [2], // one key has all of the probability, whatever its score
      compute: (q, keys, values, positions, starts) => attentionWithLse(q, keys, values, positions, attrs, starts),
    };
  });
}

checkGradient("attention: from the first row on", () => ({
  inputs: [random(33, 4, 16), random(33, 2, 16), random(33, 2, 16), range(33, (i) => i)],
  compute: (q, keys, values, positions) => attention(q, keys, values, positions, { scale: 0.25 }),
}));

checkGradient("attention: of the log-sum-exp alone", () => ({
  inputs: [random(33, 4, 16), random(33, 2, 16), random(33, 2, 16), range(33, (i) => i)],
  of: [0, 1],
  compute: (q, keys, values, positions) => attentionWithLse(q, keys, values, positions, { scale: 0.25 })[1],
}));
