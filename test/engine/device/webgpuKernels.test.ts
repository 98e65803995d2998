// Cases that only the GPU's kernels could get wrong: edges of tiles, weights that are uploaded in several pieces, planes of an
// odd size. All others are in test/engine/ops.

import { attention, gather, linear } from "../../../engine/ops";
import { checkOp, integers, random, randomWeight } from "../check";

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

checkOp("attention: values of more than two slices, keys that cannot be read four at a time", () => ({
  inputs: [random(4, 4, 6), random(200, 1, 6), random(200, 1, 130), integers([0, 63, 64, 250])],
  compute: (q, keys, values, positions) => attention(q, keys, values, positions, { scale: 0.4 }),
}));
