// Where weights are quantized, the CPU quantizes activations too. Its result differs from that of a reference that gets the
// quantized activations only by the order of float additions.

import { blocks, type StorageType } from "../../../engine/graph/storage";
import { sizeOf } from "../../../engine/graph/tensor";
import { dequantize } from "../../../engine/load/dequantize";
import { linear } from "../../../engine/ops";
import { checkOp, type Input, random, randomWeight } from "../check";

const { fround } = Math;

/** How the activations are quantized beside each weight type: how many share a scale, and whether scales are f16. */
const quantizations: Partial<Record<StorageType, { span: number; half: boolean }>> = {
  q4_0: { span: 32, half: true },
  q4_1: { span: 32, half: true },
  q5_0: { span: 32, half: true },
  q5_1: { span: 32, half: true },
  q8_0: { span: 32, half: true },
  q2_k: { span: 256, half: false },
  q3_k: { span: 256, half: false },
  q4_k: { span: 256, half: false },
  q5_k: { span: 256, half: false },
  q6_k: { span: 256, half: false },
};

for (const [type, { span, half }] of Object.entries(quantizations) as [StorageType, { span: number; half: boolean }][])
  for (const [rows, inputs, outputs] of [
    [1, 256, 8],
    [1, 1536, 61],
    [2, 512, 9],
    [3, 768, 16],
    [5, 768, 41],
    [7, 256, 33],
    [40, 1024, 40],
  ])
    checkOp(`linear with quantized activations: ${rows} × ${inputs} by ${outputs} of ${type}`, () => {
      const x = random(rows, inputs) as Extract<Input, { values: unknown }>;
      const weight = randomWeight(type, outputs, inputs);
      const quantized = { ...x, values: quantizeActivations(Float32Array.from(x.values), span, half) };
      const bias = outputs % 2 ? [random(outputs)] : []; // odd outputs have one
      // The sums by which minima are multiplied are rounded to 11 bits as well.
      const tolerance = type === "q4_1" || type === "q5_1" ? 1e-4 : 1e-5;
      return {
        inputs: [x, weight, ...bias],
        referenceInputs: [quantized, weight, ...bias],
        compute: linear,
        tolerance,
        on: "wasm",
      };
    });

function quantizeActivations(values: Float32Array, span: number, half: boolean): Float32Array {
  const quantized = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += span) {
    const magnitude = values.subarray(at, at + span).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const exact = fround(magnitude / 127);
    const scale = half ? toElevenBits(exact) : exact;
    for (let i = at; i < at + span; i++)
      quantized[i] = scale * nearestEven(fround(values[i] * fround(127 / magnitude)));
  }
  return quantized;
}

function toElevenBits(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 10);
  return nearestEven(value / unit) * unit;
}

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2) ? floor + 1 : floor;
}

// Scales at both ends of f16's range, subnormal ones included: kernels must not flush them to zero.
for (const type of ["q4_0", "q4_1", "q8_0"] as const)
  for (const high of [0x00, 0x80, 0x03, 0x7b])
    for (const rows of [1, 4])
      checkOp(`linear: scales of 0x${high.toString(16)}, ${rows} × 64 by 9 of ${type}`, () => {
        const weight = randomWeight(type, 9, 64) as Extract<Input, { bytes: unknown }>;
        const bytes = weight.bytes.slice();
        const block = blocks[type].bytes;
        // One block of each row has an ordinary scale, so that a row holds both kinds.
        for (let at = 0; at < bytes.length; at += 2 * block) {
          bytes[at + 1] = high;
          if (type === "q4_1") bytes[at + 3] = high;
        }
        const values = new Float32Array(sizeOf(weight.shape));
        dequantize(type, bytes, values);
        const ones = { shape: [rows, 64], values: new Float32Array(rows * 64).fill(1) };
        return {
          inputs: [ones, { ...weight, bytes }],
          referenceInputs: [ones, { shape: weight.shape, values }],
          compute: linear,
          tolerance: 1e-4, // a 1 is rounded to 127 times 1/127 in 11 bits, which is off by 6e-5
          on: "wasm",
        };
      });
