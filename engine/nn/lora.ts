// Adapters of linear layers: what they add to a layer's output W·x, small beside W.

import type { Tensor } from "../graph/tensor";
import { linear, scale, scaleGroups, softmax } from "../ops";
import type { Observing } from "./pass";

export interface AdapterModule {
  /** x (n, inputs) → (n, outputs), to be added. */
  forward(x: Tensor, pass: Observing): Tensor;
}

/** The tensors of an adapter for one linear layer: A, B and, for a mixture, the router. */
export interface AdapterTensors {
  /** (r, inputs); of a mixture of N experts (N·r, inputs). */
  a: Tensor;
  /** (outputs, r); of a mixture (outputs, N·r). */
  b: Tensor;
  /** (N, inputs) */
  router?: Tensor;
}

/** An adapter that a model is built with. */
export interface Attached {
  /** α / r, times what the user scales it by. */
  factor: number;
  /** By the weight's name, `blk.0.attn_q.weight`, and shape; undefined where the adapter leaves that layer as it is. */
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

/** LoRAMoE (arXiv:2312.09979): factor · Σ ωᵢ Bᵢ·Aᵢ·x, where a router gives every token its probabilities ω = softmax(R·x). */
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

/** What `adapters` add to the linear layer of that weight. */
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
