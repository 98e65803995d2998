import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, rowsPerChunk } from "./op";
import reduce from "./reduce.wgsl";
import wgsl from "./softmaxGradient.wgsl";

/** The gradient of softmax's x, given its output y (n, width) and the gradient g (n, width) of y: y ⊙ (g − Σ g ⊙ y). */
export const softmaxGradient = (y: Tensor, g: Tensor): Tensor => apply(softmaxGradientOp, [y, g], {});

export const softmaxGradientOp: Op<Record<never, number>, { rows: number; width: number }> = {
  name: "softmaxGradient",
  shapes([y, g]) {
    expectShape("softmaxGradient: y", y, [null, null]);
    expectShape("softmaxGradient: g", g, y);
    return [y];
  },
  params: ([[rows, width]]) => ({ rows, width }),
  reference([result], [y, g], { rows, width }) {
    for (let at = 0; at < rows * width; at += width) {
      let dot = 0;
      for (let i = at; i < at + width; i++) dot += y[i] * g[i];
      for (let i = at; i < at + width; i++) result[i] = y[i] * (g[i] - dot);
    }
  },
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  cpu: ({ params: { rows, width } }) => [{ kernel: "softmaxGradient", items: rows, grain: rowsPerChunk(width) }],
};
