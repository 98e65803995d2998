// Causal self-attention with rotary positions: multi-head, grouped-query and multi-query (arXiv:2305.13245), which differ
// in how many heads share keys and values.

import type { Tensor } from "../graph/tensor";
import { attention, rope } from "../ops";
import { Linear } from "./linear";
import type { Pass } from "./pass";
import type { Weights } from "./weights";

export interface AttentionConfig {
  width: number;
  heads: number;
  /** A divisor of `heads`. */
  kvHeads: number;
  headDim: number;
  rope: { interleaved: boolean };
}

/** x (n, width) → (n, width). Weights: `attn_q`, `attn_k`, `attn_v`, `attn_output`. */
export class Attention {
  readonly q;
  readonly k;
  readonly v;
  readonly out;
  /** `layer` is the block's number in the model, `cosSin` (context, rotated) its table of angles: see positions.ts. */
  constructor(
    w: Weights,
    readonly config: AttentionConfig,
    readonly layer: number,
    readonly cosSin: Tensor,
  ) {
    const { width, heads, kvHeads, headDim } = config;
    this.q = new Linear(w, "attn_q", width, heads * headDim);
    this.k = new Linear(w, "attn_k", width, kvHeads * headDim);
    this.v = new Linear(w, "attn_v", width, kvHeads * headDim);
    this.out = new Linear(w, "attn_output", heads * headDim, width);
  }
  forward(x: Tensor, pass: Pass): Tensor {
    const { heads, kvHeads, headDim } = this.config;
    const [n] = x.shape;
    const q = this.rotate(this.q.forward(x, pass).reshape(n, heads, headDim), pass);
    const k = this.rotate(this.k.forward(x, pass).reshape(n, kvHeads, headDim), pass);
    const v = this.v.forward(x, pass).reshape(n, kvHeads, headDim);
    const { keys, values, last, first } = pass.cache.extend(this.layer, k, v);
    const mixed = attention(q, keys, values, last, { scale: headDim ** -0.5 }, first);
    return this.out.forward(mixed.reshape(n, heads * headDim), pass);
  }
  private rotate(x: Tensor, { positions }: Pass): Tensor {
    return rope(x, this.cosSin, positions, { interleaved: this.config.rope.interleaved ? 1 : 0 });
  }
}
