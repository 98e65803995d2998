import { sizeOf, type Tensor } from "../graph/tensor";
import { momentsOf } from "./cvSquared.shared";
import wgsl from "./cvSquaredGradient.wgsl";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * The gradient of cvSquared's z, which has n values, given the gradient g (1) of its output. With s = 1 / (mean² +
 * 1e-10): g · 2s · ((z − mean) / (n − 1) − s · mean · variance / n).
 */
export const cvSquaredGradient = (z: Tensor, g: Tensor): Tensor => apply(cvSquaredGradientOp, [z, g], {});

export const cvSquaredGradientOp: Op<Record<never, number>, { size: number }> = {
  name: "cvSquaredGradient",
  shapes([z, g]) {
    expectShape("cvSquaredGradient: g", g, [1]);
    return [z];
  },
  params: ([z]) => ({ size: sizeOf(z) }),
  reference([y], [z, [g]], { size }) {
    const { mean, variance } = momentsOf(z);
    const scale = 1 / (mean ** 2 + 1e-10);
    for (let i = 0; i < size; i++)
      y[i] = g * 2 * scale * ((z[i] - mean) / Math.max(1, size - 1) - (scale * mean * variance) / size);
  },
  gpu: () => [{ wgsl: reduce + wgsl, workgroups: [1, 1, 1] }],
  cpu: ({ params: { size } }) => [{ kernel: "cvSquaredGradient", items: size, grain: 8192 }],
};
