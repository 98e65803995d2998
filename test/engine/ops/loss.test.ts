import { test } from "node:test";
import type { Shape } from "../../../engine/graph/tensor";
import {
  crossEntropy,
  crossEntropyGradient,
  crossEntropyGradientOp,
  crossEntropyOp,
  cvSquared,
  cvSquaredGradientOp,
  cvSquaredOp,
} from "../../../engine/ops";
import { assertClose, checkGradient, checkOp, type Input, integers, random } from "../check";
import { integer, normals } from "../random";

/** Logits; targets, some of which are outside the vocabulary; weights, one of which is 0. */
const rowsOf = (rows: number, vocab: number, spread = 1): Input[] => [
  { shape: [rows, vocab], values: normals(rows * vocab).map((logit) => logit * spread) },
  integers(Array.from({ length: rows }, (_, i) => (i === 2 ? -1 : i === 4 ? vocab : integer(0, vocab - 1)))),
  { shape: [rows], values: normals(rows).map((weight, i) => (i === 3 ? 0 : weight)) },
];

for (const [rows, vocab] of [
  [1, 2],
  [7, 37],
  [5, 3001],
]) {
  const check = () => ({ inputs: rowsOf(rows, vocab), compute: crossEntropy });
  checkOp(`crossEntropy: ${rows} rows of ${vocab}`, check);
  checkGradient(`crossEntropy: ${rows} rows of ${vocab}`, check);
  checkOp(`crossEntropy: ${rows} rows of ${vocab}, sure of themselves`, () => ({
    inputs: rowsOf(rows, vocab, 30),
    compute: crossEntropy,
  }));
  checkOp(`crossEntropyGradient: ${rows} rows of ${vocab}, sure of themselves`, () => ({
    inputs: [...rowsOf(rows, vocab, 30), random(rows)],
    compute: crossEntropyGradient,
  }));
}

test("crossEntropy: loss and gradient equal PyTorch's", () => {
  const logits = Float64Array.of(0.5, -1.25, 3, 0.75, 2, -0.5, 0.25, -4, 1, 1, 1, 1);
  const [targets, weights] = [Float64Array.of(0, 1, 3), Float64Array.of(0.5, 0.25, 2)];
  const [loss, gradient] = [new Float64Array(3), new Float64Array(12)];
  crossEntropyOp.reference([loss], [logits, targets, weights], { rows: 3, vocab: 4 });
  const g = Float64Array.of(1, 1, 1);
  crossEntropyGradientOp.reference([gradient], [logits, targets, weights, g], { rows: 3, vocab: 4 });
  assertClose(loss, [1.341888771954536, 0.6824478899142037, 2.772588722239781], 1e-12);
  const expected = [
    ...[-0.4658476787969672, 0.005934783533437261, 0.4160604467999522, 0.043852448463577776],
    ...[0.1986748081553779, -0.23369177864596244, 0.034524504877420675, 0.0004924656131639142],
    ...[0.5, 0.5, 0.5, -1.5],
  ];
  assertClose(gradient, expected, 1e-12);
});

/** Positive values, as sums of a router's probabilities are. */
const sums = (...shape: Shape): Input => ({
  shape,
  values: normals(shape.reduce((a, b) => a * b)).map((value) => 3 + Math.abs(value)),
});

for (const shape of [
  [2, 1],
  [4, 6],
  [70, 8],
]) {
  const check = () => ({ inputs: [sums(...shape)], compute: cvSquared });
  checkOp(`cvSquared: ${shape.join(" × ")}`, check);
  checkGradient(`cvSquared: ${shape.join(" × ")}`, check);
}

checkOp("cvSquared: one value has none", () => ({ inputs: [sums(1, 1)], compute: cvSquared }));

test("cvSquared: value and gradient equal PyTorch's for var / (mean² + 1e-10)", () => {
  const z = Float64Array.of(1.5, 0.5, 2, 3.25, 0.75, 1);
  const [value, gradient] = [new Float64Array(1), new Float64Array(6)];
  cvSquaredOp.reference([value], [z], { size: 6 });
  cvSquaredGradientOp.reference([gradient], [z, Float64Array.of(1)], { size: 6 });
  assertClose(value, [0.4555555555353086], 1e-12);
  const expected = [
    ...[-0.10123456789223591, -0.27901234566211247, -0.012345679007297633],
    ...[0.20987654320504806, -0.23456790121964333, -0.19012345677717418],
  ];
  assertClose(gradient, expected, 1e-12);
});
