// Where the GPU's kernels could go wrong and other devices' would not: each storage type's reader, edges of tiles, weights
// that come in several pieces. The rest is in test/engine/ops.

import { attention, gather, linear } from "../../../engine/ops";
import { blocks, type StorageType } from "../../../engine/storage";
import { checkOp, integers, random, randomWeight } from "../check";

const types = Object.keys(blocks) as StorageType[];

for (const type of types) {
  checkOp(`gather: rows of a table stored as ${type}`, () => ({
    inputs: [randomWeight(type, 5, 512), integers([3, 0, 4, -1, 5, 2])],
    compute: (table, ids) => gather(table, ids),
  }));
  checkOp(`linear: one row, weight stored as ${type}`, () => ({
    inputs: [random(1, 512), randomWeight(type, 67, 512)],
    compute: (x, weight) => linear(x, weight),
  }));
}

for (const type of ["q8_0", "q5_0", "q4_1"] as const)
  checkOp(`gather: a table of an odd number of ${type} blocks`, () => ({
    inputs: [randomWeight(type, 3, 32), integers([2, 1, 0])],
    compute: (table, ids) => gather(table, ids),
  }));

for (const [type, width] of [
  ["q5_0", 32],
  ["q3_k", 256],
] as const)
  checkOp(`gather: a table of ${type} that is uploaded in pieces`, () => {
    const rows = Math.ceil(2 ** 22 / width) + 3;
    return {
      inputs: [randomWeight(type, rows, width), integers([0, 1000, rows - 5, rows - 4, rows - 3, rows - 1])],
      compute: (table, ids) => gather(table, ids),
    };
  });

for (const [rows, inputs, outputs] of [
  [1, 32, 1], // less than a tile in every direction
  [8, 288, 8], // whole tiles of the kernel for few rows
  [13, 96, 9], // and parts of them
  [17, 32, 65], // the kernel for many rows
  [130, 64, 64],
  [20, 33, 7], // no whole blocks
])
  for (const biased of [false, true])
    checkOp(`linear: ${rows} × ${inputs} → ${outputs}${biased ? ", biased" : ""}`, () => ({
      inputs: [random(rows, inputs), random(outputs, inputs), ...(biased ? [random(outputs)] : [])],
      compute: (x, weight, bias) => linear(x, weight, bias),
    }));

checkOp("linear: many rows, weight stored as q4_k", () => ({
  inputs: [random(33, 256), randomWeight("q4_k", 20, 256)],
  compute: (x, weight) => linear(x, weight),
}));

for (const [heads, groups, dim, valueDim] of [
  [1, 1, 1, 1],
  [9, 3, 64, 64],
  [4, 1, 6, 130], // keys that cannot be read four at a time, values for more than two slices
  [2, 2, 128, 100],
])
  checkOp(`attention: ${heads} heads in ${groups} groups, keys of ${dim}, values of ${valueDim}`, () => ({
    inputs: [
      random(7, heads, dim),
      random(200, groups, dim),
      random(200, groups, valueDim),
      integers([0, 62, 63, 64, 130, 199, 250]), // one tile of keys, just more, past the cache
    ],
    compute: (q, keys, values, positions) => attention(q, keys, values, positions, { scale: dim ** -0.5 }),
  }));
