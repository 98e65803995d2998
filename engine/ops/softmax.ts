import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, rowsPerChunk } from "./op";
import reduce from "./reduce.wgsl";
import wgsl from "./softmax.wgsl";
import { softmaxGradient } from "./softmaxGradient";

/** The softmax of each row of x (n, width): e^x / Σ e^x. */
export const softmax = (x: Tensor): Tensor => apply(softmaxOp, [x], {});

export const softmaxOp: Op<Record<never, number>, { rows: number; width: number }> = {
  name: "softmax",
  shapes([x]) {
    expectShape("softmax: x", x, [null, null]);
    return [x];
  },
  params: ([[rows, width]]) => ({ rows, width }),
  reference([y], [x], { rows, width }) {
    for (let row = 0; row < rows; row++) y.set(probabilities(x.subarray(row * width, (row + 1) * width)), row * width);
  },
  gradient: ({ outputs: [y] }, [g]) => [softmaxGradient(y, g)],
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  cpu: ({ params: { rows, width } }) => [{ kernel: "softmax", items: rows, grain: rowsPerChunk(width) }],
};

/** The softmax of one row, in float64. */
export function probabilities(x: Float64Array): Float64Array {
  const rowMax = x.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = x.map((value) => Math.exp(value - rowMax));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
