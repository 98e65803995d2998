import { matmulTN } from "../../../engine/ops";
import { checkGradient, checkOp, random } from "../check";

for (const [n, p, q] of [
  [1, 1, 1],
  [1, 576, 8],
  [3, 8, 16],
  [40, 13, 77],
  [33, 77, 13],
  [64, 64, 64],
  [515, 16, 70], // tall
  [1030, 5, 9],
  [20, 520, 530], // many tiles
])
  checkOp(`matmulTN: (${n}, ${p}) and (${n}, ${q})`, () => ({
    inputs: [random(n, p), random(n, q)],
    compute: matmulTN,
  }));

for (const [n, p, q] of [
  [1, 7, 5],
  [9, 16, 40],
  [70, 33, 66],
])
  checkGradient(`matmulTN: (${n}, ${p}) and (${n}, ${q})`, () => ({
    inputs: [random(n, p), random(n, q)],
    compute: matmulTN,
  }));
