// Causal self-attention with rotary positions: multi-head, grouped-query and multi-query (arXiv:2305.13245), which differ
// in how many heads share keys and values.

import { type Tensor, zeros } from "../graph/tensor";
import { attention, rope, windowStart } from "../ops";
import { Linear } from "./linear";
import { RmsNorm } from "./norm";
import type { Pass } from "./pass";
import type { Weights } from "./weights";

export interface AttentionConfig {
  width: number;
  heads: number;
  /** A divisor of `heads`. */
  kvHeads: number;
  headDim: number;
  /** Of the norms of queries and keys. */
  normEps: number;
  rope: { interleaved: boolean };
  /** RMSNorm of queries and keys before they are rotated: of each head by itself (Qwen3), or of all as one row (OLMoE). */
  qkNorm?: "head" | "row";
  /** Scores become softCap · tanh(score / softCap), as in Gemma 2 (arXiv:2408.00118); uncapped where not given. */
  softCap?: number;
  /** Sliding window (arXiv:2310.06825): how many rows, its own included, a token sees. All before it where not given. */
  window?: number;
}

/** x (n, width) → (n, width). Weights: `attn_q`, `attn_k`, `attn_v`, `attn_output`, and `attn_q_norm`, `attn_k_norm`. */
export class Attention {
  readonly q;
  readonly k;
  readonly v;
  readonly out;
  readonly qNorm?: RmsNorm;
  readonly kNorm?: RmsNorm;
  /** `layer` is the block's number in the model, `cosSin` (context, rotated) its table of angles: see positions.ts. */
  constructor(
    w: Weights,
    readonly config: AttentionConfig,
    readonly layer: number,
    readonly cosSin: Tensor,
  ) {
    const { width, heads, kvHeads, headDim, normEps, qkNorm } = config;
    this.q = new Linear(w, "attn_q", width, heads * headDim);
    this.k = new Linear(w, "attn_k", width, kvHeads * headDim);
    this.v = new Linear(w, "attn_v", width, kvHeads * headDim);
    this.out = new Linear(w, "attn_output", heads * headDim, width);
    if (!qkNorm) return;
    const normed = (heads: number) => (qkNorm === "head" ? headDim : heads * headDim);
    this.qNorm = new RmsNorm(w, "attn_q_norm", normed(heads), normEps);
    this.kNorm = new RmsNorm(w, "attn_k_norm", normed(kvHeads), normEps);
  }
  forward(x: Tensor, pass: Pass): Tensor {
    const { heads, kvHeads, headDim, softCap, window } = this.config;
    const [n] = x.shape;
    const q = this.rotate(normed(this.q.forward(x, pass), this.qNorm).reshape(n, heads, headDim), pass);
    const k = this.rotate(normed(this.k.forward(x, pass), this.kNorm).reshape(n, kvHeads, headDim), pass);
    const v = this.v.forward(x, pass).reshape(n, kvHeads, headDim);
    const { keys, values, last, first } = pass.cache.extend(this.layer, k, v);
    const start = window === undefined ? first : windowStart(last, first ?? zeros(n), { window });
    const mixed = attention(q, keys, values, last, { scale: headDim ** -0.5, softCap }, start);
    return this.out.forward(mixed.reshape(n, heads * headDim), pass);
  }
  private rotate(x: Tensor, { positions }: Pass): Tensor {
    return rope(x, this.cosSin, positions, { interleaved: this.config.rope.interleaved ? 1 : 0 });
  }
}

/** x (n, width) in rows as wide as the norm, normed; as it is without one. */
function normed(x: Tensor, norm: RmsNorm | undefined): Tensor {
  if (!norm) return x;
  const [n, width] = x.shape;
  const [rowWidth] = norm.gain.shape;
  return norm.forward(x.reshape((n * width) / rowWidth, rowWidth));
}
