import { sizeOf, type Tensor } from "../graph/tensor";
import { momentsOf } from "./cvSquared.shared";
import wgsl from "./cvSquared.wgsl";
import { cvSquaredGradient } from "./cvSquaredGradient";
import { apply, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * The squared coefficient of variation (arXiv:1701.06538) of all values of z, of any shape: (1), variance / (mean² +
 * 1e-10). The variance is the unbiased one; of a single value it is 0. LoRAMoE's balance loss (arXiv:2312.09979,
 * `cv_squared` in Ablustrund/LoRAMoE) is that of (sequences, experts): a sequence's sums of router probabilities, each
 * times 1 ± δ.
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
  gpu: () => [{ wgsl: reduce + wgsl, workgroups: [1, 1, 1] }], // one workgroup: the values are few
  cpu: () => [{ kernel: "cvSquared", items: 1, grain: 1 }],
};
