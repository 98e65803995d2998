// The reverse pass of attention: each of its ops against its reference, and all of them together against the slopes of
// attention itself.

import {
  attention,
  attentionKeyGradient,
  attentionQueryGradient,
  attentionSums,
  attentionValueGradient,
} from "../../../engine/ops";
import { checkGradient, checkOp, type Input, integers, random } from "../check";
import { integer, normals } from "../random";

const range = (size: number, of: (i: number) => number) => integers(Array.from({ length: size }, (_, i) => of(i)));

/** Documents packed one behind the other: each query sees its own from its first row on. */
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
  groups: number;
  dim: number;
  valueDim?: number;
  capacity?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "one row": { ...documents(1), heads: 1, groups: 1, dim: 1 },
  "multi-head": { ...documents(11), heads: 3, groups: 3, dim: 12, valueDim: 20 },
  "grouped, two documents": { ...documents(5, 13), heads: 4, groups: 2, dim: 12, valueDim: 7 },
  "multi-query, several tiles": { ...documents(70, 23, 37), heads: 3, groups: 1, dim: 16, valueDim: 10 },
  "heads of 64, a document of several tiles": { ...documents(3, 101), heads: 3, groups: 1, dim: 64 },
  "heads wider than a tile": { ...documents(9), heads: 2, groups: 1, dim: 72, valueDim: 130 },
  "part of a table": {
    count: 6,
    positions: range(6, (i) => 64 + i),
    starts: range(6, () => 0),
    heads: 4,
    groups: 2,
    dim: 8,
    capacity: 90,
  },
  "in no order, some past the table or without sight": {
    count: 40,
    positions: range(40, () => integer(-2, 90)),
    starts: range(40, () => integer(-3, 60)),
    heads: 4,
    groups: 2,
    dim: 10,
    valueDim: 9,
    capacity: 80,
  },
};

for (const [what, { count, positions, starts, heads, groups, dim, valueDim = dim, capacity = count }] of Object.entries(
  cases,
)) {
  const attrs = { scale: dim ** -0.5 };
  const inputs = () => ({
    q: random(count, heads, dim),
    keys: random(capacity, groups, dim),
    values: random(capacity, groups, valueDim),
    sums: { shape: [count, heads, 2], values: normals(count * heads * 2).map((x) => x + 3) },
    g: random(count, heads, valueDim),
  });

  checkOp(`attentionSums: ${what}`, () => {
    const { q, keys, g } = inputs();
    return {
      inputs: [q, keys, positions, starts, random(count, heads, valueDim), g],
      compute: (q, keys, positions, starts, y, g) => attentionSums(q, keys, positions, starts, y, g, attrs),
    };
  });
  for (const op of [attentionQueryGradient, attentionKeyGradient])
    checkOp(`${op.name}: ${what}`, () => {
      const { q, keys, values, sums, g } = inputs();
      return {
        inputs: [q, keys, values, positions, starts, sums, g],
        compute: (q, keys, values, positions, starts, sums, g) =>
          op(q, keys, values, positions, starts, sums, g, attrs),
      };
    });
  checkOp(`attentionValueGradient: ${what}`, () => {
    const { q, keys, sums, g } = inputs();
    return {
      inputs: [q, keys, positions, starts, sums, g],
      compute: (q, keys, positions, starts, sums, g) =>
        attentionValueGradient(q, keys, positions, starts, sums, g, attrs),
    };
  });
  checkGradient(`attention: ${what}`, () => {
    const { q, keys, values } = inputs();
    return {
      inputs: [q, keys, values, positions, starts],
      of: count > 1 ? [0, 1, 2] : [2], // one key has all of the shares, whatever its score
      compute: (q, keys, values, positions, starts) => attention(q, keys, values, positions, attrs, starts),
    };
  });
}

checkGradient("attention: from the first row on", () => ({
  inputs: [random(33, 4, 16), random(33, 2, 16), random(33, 2, 16), range(33, (i) => i)],
  compute: (q, keys, values, positions) => attention(q, keys, values, positions, { scale: 0.25 }),
}));
