import { sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./cvSquared.wgsl";
import { cvSquaredGradient } from "./cvSquaredGradient";
import { apply, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * How unevenly the values of z, of any shape, are spread: (1), variance / (mean² + 1e-10), the squared coefficient of
 * variation (arXiv:1701.06538). The variance is the unbiased one, over all values of z at once; that of one value is 0.
 * LoRAMoE's balance (arXiv:2312.09979, `cv_squared` in Ablustrund/LoRAMoE) takes it of (sequences, experts): the sums
 * over a sequence's tokens of the router's probabilities, each times 1 ± δ.
 */
export const cvSquared = (z: Tensor): Tensor => apply(cvSquaredOp, [z], {});

export const cvSquaredOp: Op<Record<never, number>, { size: number }> = {
  name: "cvSquared",
  shapes: () => [[1]],
  params: ([z]) => ({ size: sizeOf(z) }),
  reference([y], [z]) {
    const { mean, variance } = momentsOf(z);
    y[0] = variance / (mean ** 2 + 1e-10);
  },
  gradient: ({ inputs: [z] }, [g]) => [cvSquaredGradient(z, g)],
  gpu: () => [{ wgsl: reduce + wgsl, workgroups: [1, 1, 1] }], // of few values
  cpu: () => [{ kernel: "cvSquared", items: 1, grain: 1 }],
};

/** The mean and the unbiased variance. */
export function momentsOf(z: Float64Array): { mean: number; variance: number } {
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const squares = z.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, z.length - 1) };
}
