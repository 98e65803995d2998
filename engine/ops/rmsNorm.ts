import { filled, type Tensor } from "../graph/tensor";
import { mul } from "./elementwise";
import { apply, expectShape, type Op } from "./op";
import wgsl from "./rmsNorm.wgsl";
import { rmsNormGradient } from "./rmsNormGradient";
import { sumRows } from "./sumRows";

/** RMSNorm (arXiv:1910.07467) of the rows of x (n, width): x / √(mean x² + eps) ⊙ gain (width). Throws ShapeError. */
export const rmsNorm = (x: Tensor, gain: Tensor, attrs: { eps: number }): Tensor => apply(rmsNormOp, [x, gain], attrs);

export const rmsNormOp: Op<{ eps: number }, { rows: number; width: number; eps: number }> = {
  name: "rmsNorm",
  shapes([x, gain]) {
    expectShape("rmsNorm: x", x, [null, null]);
    expectShape("rmsNorm: gain", gain, [x[1]]);
    return [x];
  },
  params: ([[rows, width]], { eps }) => ({ rows, width, eps }),
  reference([y], [x, gain], { rows, width, eps }) {
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      let squares = 0;
      for (let i = 0; i < width; i++) squares += x[at + i] ** 2;
      const scale = 1 / Math.sqrt(squares / width + eps);
      for (let i = 0; i < width; i++) y[at + i] = x[at + i] * scale * gain[i];
    }
  },
  gradient: ({ inputs: [x, gain], attrs }, [g]) => [
    rmsNormGradient(x, gain, g, attrs),
    sumRows(mul(g, rmsNorm(x, filled(1, gain.shape), attrs))),
  ],
  gpu: ({ params }) => [{ wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  cpu: ({ params: { rows } }) => [{ kernel: "rmsNorm", items: rows, grain: 8 }],
};
