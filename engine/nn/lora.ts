// Adapters of linear layers: what they add to a layer's output W·x, small beside W.

import type { Tensor } from "../graph/tensor";
import { linear, scale, scaleGroups, softmax } from "../ops";

export interface AdapterModule {
  /** x (n, inputs) → (n, outputs), to be added. */
  forward(x: Tensor): Tensor;
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
  /** Is told each mixture's shares (n, N) as they are traced. */
  observe?(weight: string, shares: Tensor): void;
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

/** LoRAMoE (arXiv:2312.09979): factor · Σ ωᵢ Bᵢ·Aᵢ·x, where a router gives every token its shares ω = softmax(R·x). */
export class LoraExperts implements AdapterModule {
  constructor(
    readonly tensors: AdapterTensors & { router: Tensor },
    readonly factor: number,
    readonly observe?: (shares: Tensor) => void,
  ) {}
  forward(x: Tensor): Tensor {
    const { a, b, router } = this.tensors;
    const shares = softmax(linear(x, router));
    this.observe?.(shares);
    return linear(scaleGroups(scale(linear(x, a), { by: this.factor }), shares), b);
  }
}

/** What `adapters` add to the linear layer of that weight. */
export function adaptersOf(
  adapters: readonly Attached[],
  weight: string,
  inputs: number,
  outputs: number,
): AdapterModule[] {
  return adapters.flatMap(({ factor, tensorsOf, observe }) => {
    const tensors = tensorsOf(weight, inputs, outputs);
    if (!tensors) return [];
    const { router } = tensors;
    if (!router) return new Lora(tensors, factor);
    return new LoraExperts({ ...tensors, router }, factor, observe && ((shares) => observe(weight, shares)));
  });
}
