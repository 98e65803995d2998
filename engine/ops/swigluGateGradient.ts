import { sizeOf, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import wgsl from "./swigluGateGradient.wgsl";

/**
 * The gradient of swiglu's gate, given its other operand and the gradient g of its output, all of one shape. With
 * σ = 1 / (1 + e^−gate): g ⊙ up ⊙ σ ⊙ (1 + gate ⊙ (1 − σ)).
 */
export const swigluGateGradient = (gate: Tensor, up: Tensor, g: Tensor): Tensor =>
  apply(swigluGateGradientOp, [gate, up, g], {});

export const swigluGateGradientOp: Op<Record<never, number>, { size: number }> = {
  name: "swigluGateGradient",
  shapes([gate, up, g]) {
    expectShape("swigluGateGradient: up", up, gate);
    expectShape("swigluGateGradient: g", g, gate);
    return [gate];
  },
  params: ([gate]) => ({ size: sizeOf(gate) }),
  reference([y], [gate, up, g], { size }) {
    for (let i = 0; i < size; i++) {
      const share = 1 / (1 + Math.exp(-gate[i]));
      y[i] = g[i] * up[i] * share * (1 + gate[i] * (1 - share));
    }
  },
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "swigluGateGradient", items: size, grain: 8192 }],
};
