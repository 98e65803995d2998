import type { StorageType } from "../../../engine/graph/storage";
import { blocks } from "../../../engine/graph/storage";
import { gather } from "../../../engine/ops";
import { checkGradient, checkOp, integers, random, randomWeight } from "../check";

for (const type of Object.keys(blocks) as StorageType[])
  for (const [rows, width] of [
    [8, 256],
    [37, 512],
  ])
    checkOp(`gather: from ${rows} rows of ${width}, ${type}`, () => ({
      inputs: [randomWeight(type, rows, width), integers([0, rows - 1, 3, 7, 3, rows, -1, 5, 6, 4, 2, 1])],
      compute: gather,
    }));

checkOp("gather: from a state of an odd width", () => ({
  inputs: [random(9, 13), integers([8, 0, 9])],
  compute: gather,
}));

checkGradient("gather: from a state of an odd width", () => ({
  inputs: [random(9, 13), integers([8, 0, 9, 8])],
  compute: gather,
}));

checkOp("gather: integers", () => ({
  inputs: [integers([5, 6, 7, 8], 4, 1), integers([3, 1, -2])],
  compute: gather,
}));
