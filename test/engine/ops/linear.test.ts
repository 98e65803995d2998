import { blocks, type StorageType } from "../../../engine/graph/storage";
import { linear } from "../../../engine/ops";
import { checkGradient, checkOp, type Input, random, randomWeight } from "../check";

const types = Object.keys(blocks) as StorageType[];
const floats: readonly StorageType[] = ["f32", "f16", "bf16"];

/** The devices that multiply x as it is: the CPU rounds it beside quantized weights, and wasmLinear.test.ts holds it to that. */
const exact = (type: StorageType) => (floats.includes(type) ? "" : "webgpu");

for (const type of types)
  for (const [rows, inputs, outputs] of [
    [1, 256, 16],
    [1, 512, 37],
    [2, 256, 8],
    [5, 768, 41],
    [40, 256, 24],
  ])
    checkOp(`linear: ${rows} × ${inputs} by ${outputs} of ${type}`, () => {
      const x = random(rows, inputs);
      const weight = randomWeight(type, outputs, inputs);
      return { inputs: [x, weight], compute: linear, on: exact(type) };
    });

for (const type of floats)
  for (const [rows, inputs, outputs] of [
    [1, 1, 1],
    [1, 77, 13],
    [7, 45, 19],
  ])
    checkOp(`linear: ${rows} × ${inputs} by ${outputs} of ${type}, odd`, () => ({
      inputs: [random(rows, inputs), randomWeight(type, outputs, inputs)],
      compute: linear,
    }));

for (const type of ["f32", "q4_0", "q8_0"] as const)
  for (const rows of [1, 3])
    checkOp(`linear: ${rows} rows by ${type}, with a bias`, () => ({
      inputs: [random(rows, 64), randomWeight(type, 21, 64), random(21)],
      compute: linear,
      on: exact(type),
    }));

checkOp("linear: by a matrix that was computed", () => ({
  inputs: [random(6, 40), random(9, 40)],
  compute: linear,
}));

checkOp("linear: zeros", () => ({
  inputs: [{ shape: [2, 64], values: new Float32Array(128) } satisfies Input, randomWeight("q4_1", 9, 64), random(9)],
  compute: linear,
}));

for (const [rows, inputs, outputs] of [
  [1, 40, 9],
  [6, 64, 21],
  [37, 33, 70],
])
  checkGradient(`linear: ${rows} × ${inputs} → ${outputs}, with a bias`, () => ({
    inputs: [random(rows, inputs), random(outputs, inputs), random(outputs)],
    compute: linear,
  }));

for (const type of types)
  checkGradient(`linear: by ${type}`, () => ({
    inputs: [random(5, 256), randomWeight(type, 11, 256)],
    compute: linear,
  }));
