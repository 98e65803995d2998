import { sizeOf, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";
import { momentsOf } from "./variation";
import wgsl from "./variationGradient.wgsl";

/**
 * The gradient of variation's z (n values), given that of its output, g (1). With s = 1 / (mean² + 1e-10):
 * g · 2s · ((z − mean) / (n − 1) − s · mean · variance / n).
 */
export const variationGradient = (z: Tensor, g: Tensor): Tensor => apply(variationGradientOp, [z, g], {});

export const variationGradientOp: Op<Record<never, number>, { size: number }> = {
  name: "variationGradient",
  shape([z, g]) {
    expectShape("variationGradient: g", g, [1]);
    return z;
  },
  params: ([z]) => ({ size: sizeOf(z) }),
  reference(y, [z, [g]], { size }) {
    const { mean, variance } = momentsOf(z);
    const scale = 1 / (mean ** 2 + 1e-10);
    for (let i = 0; i < size; i++)
      y[i] = g * 2 * scale * ((z[i] - mean) / Math.max(1, size - 1) - (scale * mean * variance) / size);
  },
  gpu: () => [{ wgsl: reduce + wgsl, workgroups: [1, 1, 1] }],
  cpu: ({ params: { size } }) => [{ kernel: "variationGradient", items: size, grain: 8192 }],
};
