// Adapters of linear layers: a small product of matrices that is added to a layer's output W·x.

import type { Tensor } from "../graph/tensor";
import { linear, scale, scaleGroups, softmax } from "../ops";
import type { Observing } from "./pass";

export interface AdapterModule {
  /** What is added to the layer's output, (n, outputs), for its input x (n, inputs). */
  forward(x: Tensor, pass: Observing): Tensor;
}

/** An adapter's tensors for one linear layer. */
export interface AdapterTensors {
  /** (r, inputs); in a mixture of N experts (N·r, inputs), one expert below the other. */
  a: Tensor;
  /** (outputs, r); in a mixture (outputs, N·r). */
  b: Tensor;
  /** (N, inputs), in a mixture. */
  router?: Tensor;
}

/** An adapter as a model is built with it. */
export interface Attached {
  /** α / r, times what the user scales it by. */
  factor: number;
  /** Those of the layer whose weight (outputs, inputs) has this name, as `blk.0.attn_q.weight`; undefined without any. */
  tensorsOf(weight: string, inputs: number, outputs: number): AdapterTensors | undefined;
}

/** Low-rank adaptation (arXiv:2106.09685): factor · B·A·x. */
export class Lora implements AdapterModule {
  constructor(
    readonly tensors: AdapterTensors,
    readonly factor: number,
  ) {}
  forward(x: Tensor): Tensor {
    const { a, b } = this.tensors;
    return linear(scale(linear(x, a), { by: this.factor }), b);
  }
}

/** LoRAMoE (arXiv:2312.09979): factor · Σ ωᵢ Bᵢ·Aᵢ·x, with a router's probabilities of each token, ω = softmax(R·x). */
export class LoraExperts implements AdapterModule {
  constructor(
    readonly tensors: AdapterTensors & { router: Tensor },
    readonly factor: number,
  ) {}
  forward(x: Tensor, { routing }: Observing): Tensor {
    const { a, b, router } = this.tensors;
    const probabilities = softmax(linear(x, router));
    routing?.set(router, probabilities);
    return linear(scaleGroups(scale(linear(x, a), { by: this.factor }), probabilities), b);
  }
}

/** The modules of `adapters` for the linear layer of that weight. */
export function adaptersOf(
  adapters: readonly Attached[],
  weight: string,
  inputs: number,
  outputs: number,
): AdapterModule[] {
  return adapters.flatMap(({ factor, tensorsOf }) => {
    const tensors = tensorsOf(weight, inputs, outputs);
    if (!tensors) return [];
    const { router } = tensors;
    return router ? new LoraExperts({ ...tensors, router }, factor) : new Lora(tensors, factor);
  });
}
