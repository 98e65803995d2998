import { attentionWithLse } from "../../../engine/ops";
import { checkOp, integers, random, randomF16 } from "../check";
import { integer } from "../random";

for (const { count, heads, kvHeads, dim, valueDim = dim, capacity, from = 0 } of [
  { count: 1, heads: 1, kvHeads: 1, dim: 1, capacity: 1 },
  { count: 1, heads: 9, kvHeads: 3, dim: 64, capacity: 300, from: 290 },
  { count: 1, heads: 14, kvHeads: 2, dim: 64, capacity: 70, from: 0 },
  { count: 3, heads: 4, kvHeads: 4, dim: 24, capacity: 100, from: 60 },
  { count: 40, heads: 6, kvHeads: 2, dim: 32, capacity: 90, from: 40 },
  { count: 33, heads: 7, kvHeads: 1, dim: 10, valueDim: 13, capacity: 33 },
  { count: 5, heads: 2, kvHeads: 1, dim: 128, valueDim: 64, capacity: 200, from: 100 },
])
  checkOp(
    `attention: ${count} queries from ${from} on, ${heads} heads over ${kvHeads} KV heads, ${dim}/${valueDim}`,
    () => ({
      inputs: [
        random(count, heads, dim),
        random(capacity, kvHeads, dim),
        random(capacity, kvHeads, valueDim),
        integers(Array.from({ length: count }, (_, i) => from + i)),
      ],
      compute: (q, keys, values, positions) => attentionWithLse(q, keys, values, positions, { scale: dim ** -0.5 }),
    }),
  );

for (const [softCap, count] of [
  [0.5, 1],
  [2, 40],
  [50, 40],
])
  checkOp(`attention: ${count} queries, scores capped at ${softCap}`, () => ({
    inputs: [
      random(count, 6, 20),
      random(300, 2, 20),
      random(300, 2, 20),
      integers(Array.from({ length: count }, (_, i) => 200 + i)),
    ],
    compute: (q, keys, values, positions) => attentionWithLse(q, keys, values, positions, { scale: 1, softCap }),
  }));

checkOp("attention: positions in no order, some past the cache", () => ({
  inputs: [
    random(20, 4, 16),
    random(70, 2, 16),
    random(70, 2, 16),
    integers(Array.from({ length: 20 }, () => integer(0, 90))),
  ],
  compute: (q, keys, values, positions) => attentionWithLse(q, keys, values, positions, { scale: 3 }),
}));

for (const { count, heads, kvHeads, dim, capacity, from = 0, starts } of [
  { count: 1, heads: 9, kvHeads: 3, dim: 64, capacity: 300, from: 290, starts: [200] },
  { count: 1, heads: 2, kvHeads: 1, dim: 16, capacity: 40, from: 5, starts: [6] }, // sees nothing
  { count: 130, heads: 6, kvHeads: 2, dim: 12, capacity: 130, starts: [0, 17, 18, 100] },
  { count: 40, heads: 4, kvHeads: 4, dim: 32, capacity: 200, from: 100, starts: [3, 64, 139, 160, -4] },
])
  checkOp(`attention: ${count} queries from ${from} on, which start at ${starts.join(", ")}`, () => ({
    inputs: [
      random(count, heads, dim),
      random(capacity, kvHeads, dim),
      random(capacity, kvHeads, dim),
      integers(Array.from({ length: count }, (_, i) => from + i)),
      integers(Array.from({ length: count }, (_, i) => starts[Math.floor((i * starts.length) / count)])),
    ],
    compute: (q, keys, values, positions, starts) =>
      attentionWithLse(q, keys, values, positions, { scale: dim ** -0.5 }, starts),
  }));

checkOp("attention: positions before the cache", () => ({
  inputs: [random(5, 4, 16), random(9, 2, 16), random(9, 2, 16), integers([-1, 3, -7, 0, -1])],
  compute: (q, keys, values, positions) => attentionWithLse(q, keys, values, positions, { scale: 0.25 }),
}));

/** The CPU keeps an f16 cache as integers, and rounds queries and probabilities to integers as well. */
const exactF16 = [
  { on: "webgpu", tolerance: 1e-5 },
  { on: "wasm", tolerance: 3e-4 },
];

for (const { count, heads, kvHeads, dim, valueDim = dim, capacity, from, softCap = 0 } of [
  { count: 1, heads: 1, kvHeads: 1, dim: 2, capacity: 1, from: 0 },
  { count: 1, heads: 9, kvHeads: 3, dim: 64, capacity: 300, from: 290 },
  { count: 1, heads: 14, kvHeads: 2, dim: 64, capacity: 71, from: 70 }, // the last row of the cache
  { count: 2, heads: 8, kvHeads: 2, dim: 128, valueDim: 96, capacity: 200, from: 130 },
  { count: 3, heads: 4, kvHeads: 4, dim: 24, capacity: 100, from: 60 },
  { count: 5, heads: 6, kvHeads: 2, dim: 14, valueDim: 10, capacity: 90, from: 71, softCap: 2 },
  { count: 40, heads: 9, kvHeads: 3, dim: 64, capacity: 250, from: 200 },
  { count: 70, heads: 4, kvHeads: 1, dim: 80, valueDim: 20, capacity: 70, from: 0, softCap: 20 },
])
  for (const { on, tolerance } of exactF16)
    checkOp(
      `attention: ${on}, ${count} queries from ${from} on, ${heads}/${kvHeads} heads, ${dim}/${valueDim}, f16`,
      () => ({
        inputs: [
          random(count, heads, dim),
          randomF16(capacity, kvHeads, dim),
          randomF16(capacity, kvHeads, valueDim),
          integers(Array.from({ length: count }, (_, i) => from + i)),
        ],
        compute: (q, keys, values, positions) =>
          attentionWithLse(q, keys, values, positions, { scale: dim ** -0.5, softCap }),
        on,
        tolerance,
      }),
    );

for (const { count, starts, positions } of [
  { count: 1, starts: [6], positions: [5] }, // sees nothing
  { count: 4, starts: [3, 64, 139, -4], positions: [100, 64, 150, 199] },
  { count: 30, starts: [0, 17, 18, 100], positions: [199, 3, 250, 120] },
])
  for (const { on, tolerance } of exactF16)
    checkOp(`attention: ${on}, ${count} queries that see ${starts} to ${positions}, f16`, () => {
      const some = (values: number[]) => integers(Array.from({ length: count }, (_, i) => values[i % values.length]));
      return {
        inputs: [random(count, 6, 16), randomF16(200, 2, 16), randomF16(200, 2, 16), some(positions), some(starts)],
        compute: (q, keys, values, positions, starts) =>
          attentionWithLse(q, keys, values, positions, { scale: 0.25 }, starts),
        on,
        tolerance,
      };
    });
