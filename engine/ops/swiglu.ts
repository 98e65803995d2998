import { sizeOf, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import wgsl from "./swiglu.wgsl";
import { swigluGateGradient } from "./swigluGateGradient";

/** The gated unit of LLaMA's feed-forward (arXiv:2002.05202): SiLU(gate) ⊙ up, with SiLU(x) = x / (1 + e^−x). */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => apply(swigluOp, [gate, up], {});

export const swigluOp: Op<Record<never, number>, { size: number }> = {
  name: "swiglu",
  shapes([gate, up]) {
    expectShape("swiglu: up", up, gate);
    return [gate];
  },
  params: ([gate]) => ({ size: sizeOf(gate) }),
  reference([y], [gate, up], { size }) {
    for (let i = 0; i < size; i++) y[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  },
  gradient: ({ inputs: [gate, up] }, [g]) => [swigluGateGradient(gate, up, g), swiglu(gate, g)],
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "swiglu", items: size, grain: 8192 }],
};
