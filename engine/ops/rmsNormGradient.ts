import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, rowsPerChunk } from "./op";
import reduce from "./reduce.wgsl";
import wgsl from "./rmsNormGradient.wgsl";

/**
 * The gradient of rmsNorm's x (n, width), given its gain (width) and the gradient g (n, width) of its output. With the
 * row's s = 1 / √(mean x² + eps): s · (gain ⊙ g − x · s² · mean(gain ⊙ g ⊙ x)).
 */
export const rmsNormGradient = (x: Tensor, gain: Tensor, g: Tensor, attrs: { eps: number }): Tensor =>
  apply(rmsNormGradientOp, [x, gain, g], attrs);

export const rmsNormGradientOp: Op<{ eps: number }, { rows: number; width: number; eps: number }> = {
  name: "rmsNormGradient",
  shapes([x, gain, g]) {
    expectShape("rmsNormGradient: x", x, [null, null]);
    expectShape("rmsNormGradient: gain", gain, [x[1]]);
    expectShape("rmsNormGradient: g", g, x);
    return [x];
  },
  params: ([[rows, width]], { eps }) => ({ rows, width, eps }),
  reference([y], [x, gain, g], { rows, width, eps }) {
    for (let at = 0; at < rows * width; at += width) {
      let squares = 0;
      let dot = 0;
      for (let i = 0; i < width; i++) {
        squares += x[at + i] ** 2;
        dot += gain[i] * g[at + i] * x[at + i];
      }
      const scale = 1 / Math.sqrt(squares / width + eps);
      const back = (scale ** 2 * dot) / width;
      for (let i = 0; i < width; i++) y[at + i] = scale * (gain[i] * g[at + i] - back * x[at + i]);
    }
  },
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  cpu: ({ params: { rows, width } }) => [{ kernel: "rmsNormGradient", items: rows, grain: rowsPerChunk(width) }],
};
