import { blocks, type StorageType } from "../../../engine/graph/storage";
import { matmulNN } from "../../../engine/ops";
import { checkGradient, checkOp, type Input, random, randomWeight } from "../check";

const types = Object.keys(blocks) as StorageType[];

for (const type of types)
  for (const [rows, outputs, inputs] of [
    [1, 8, 256],
    [2, 37, 512],
    [5, 41, 768],
    [140, 400, 256],
    [7, 1100, 256], // more than the CPU unpacks at a time, and parts of tiles
  ])
    checkOp(`matmulNN: ${rows} × ${outputs} by ${inputs} of ${type}`, () => ({
      inputs: [random(rows, outputs), randomWeight(type, outputs, inputs)],
      compute: matmulNN,
    }));

for (const type of ["f32", "f16", "bf16"] as const)
  for (const [rows, outputs, inputs] of [
    [1, 1, 1],
    [1, 77, 13],
    [7, 45, 19],
    [130, 530, 6],
    [66, 9, 70],
  ])
    checkOp(`matmulNN: ${rows} × ${outputs} by ${inputs} of ${type}, odd`, () => ({
      inputs: [random(rows, outputs), randomWeight(type, outputs, inputs)],
      compute: matmulNN,
    }));

for (const type of ["q4_0", "q4_1", "q5_1", "q8_0"] as const)
  checkOp(`matmulNN: blocks of ${type} that are no whole number of tiles`, () => ({
    inputs: [random(3, 70), randomWeight(type, 70, 96)],
    compute: matmulNN,
  }));

checkOp("matmulNN: by a matrix that was computed, many tiles", () => ({
  inputs: [random(530, 40), random(40, 520)],
  compute: matmulNN,
}));

checkOp("matmulNN: by the first part of a state", () => ({
  inputs: [random(6, 40), random(3, 40, 9)],
  compute: (x, state) => matmulNN(x, state.rows(0, 1).reshape(40, 9)),
}));

checkOp("matmulNN: zeros", () => ({
  inputs: [{ shape: [2, 9], values: new Float32Array(18) } satisfies Input, randomWeight("q4_1", 9, 64)],
  compute: matmulNN,
}));

for (const [rows, outputs, inputs] of [
  [1, 9, 40],
  [6, 21, 64],
  [37, 70, 33],
])
  checkGradient(`matmulNN: ${rows} × ${outputs} by ${inputs}`, () => ({
    inputs: [random(rows, outputs), random(outputs, inputs)],
    compute: matmulNN,
  }));
