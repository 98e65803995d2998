// Llama 2 and 3, Mistral, SmolLM2 (arXiv:2302.13971, 2307.09288) and, with biases on q, k and v, Qwen2 (2407.10671).

import { Embedding, Linear, RmsNorm, type RopeConfig, rotations, type Weights } from "../nn";
import { add, attention, rope, swiglu, write } from "../ops";
import { state, type Tensor } from "../tensor";
import type { Model } from "./model";

export interface LlamaConfig {
  layers: number;
  width: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  vocab: number;
  /** Tokens that the KV cache holds. */
  context: number;
  normEps: number;
  rope: RopeConfig;
}

/** What the layers of one forward pass share. */
interface Step {
  positions: Tensor;
  turns: Tensor;
}

class Attention {
  readonly q;
  readonly k;
  readonly v;
  readonly out;
  readonly keys;
  readonly values;
  constructor(
    w: Weights,
    readonly config: LlamaConfig,
    layer: number,
  ) {
    const { width, heads, kvHeads, headDim, context } = config;
    this.q = new Linear(w, "attn_q", width, heads * headDim);
    this.k = new Linear(w, "attn_k", width, kvHeads * headDim);
    this.v = new Linear(w, "attn_v", width, kvHeads * headDim);
    this.out = new Linear(w, "attn_output", heads * headDim, width);
    this.keys = state(`cache.${layer}.keys`, [context, kvHeads, headDim]);
    this.values = state(`cache.${layer}.values`, [context, kvHeads, headDim]);
  }
  forward(x: Tensor, { positions, turns }: Step): Tensor {
    const { heads, kvHeads, headDim, rope: kind } = this.config;
    const [tokens] = x.shape;
    const turn = { interleaved: kind.interleaved ? 1 : 0 };
    const q = rope(this.q.forward(x).reshape(tokens, heads, headDim), turns, positions, turn);
    const k = rope(this.k.forward(x).reshape(tokens, kvHeads, headDim), turns, positions, turn);
    const v = this.v.forward(x).reshape(tokens, kvHeads, headDim);
    const keys = write(this.keys, k, positions);
    const values = write(this.values, v, positions);
    const mixed = attention(q, keys, values, positions, { scale: headDim ** -0.5 });
    return this.out.forward(mixed.reshape(tokens, heads * headDim));
  }
}

class FeedForward {
  readonly gate;
  readonly up;
  readonly down;
  constructor(w: Weights, { width, hidden }: LlamaConfig) {
    this.gate = new Linear(w, "ffn_gate", width, hidden);
    this.up = new Linear(w, "ffn_up", width, hidden);
    this.down = new Linear(w, "ffn_down", hidden, width);
  }
  forward(x: Tensor): Tensor {
    return this.down.forward(swiglu(this.gate.forward(x), this.up.forward(x)));
  }
}

class Block {
  readonly attentionNorm;
  readonly attention;
  readonly norm;
  readonly feedForward;
  constructor(w: Weights, config: LlamaConfig, layer: number) {
    this.attentionNorm = new RmsNorm(w, "attn_norm", config.width, config.normEps);
    this.attention = new Attention(w, config, layer);
    this.norm = new RmsNorm(w, "ffn_norm", config.width, config.normEps);
    this.feedForward = new FeedForward(w, config);
  }
  forward(x: Tensor, step: Step): Tensor {
    const h = add(x, this.attention.forward(this.attentionNorm.forward(x), step));
    return add(h, this.feedForward.forward(this.norm.forward(h)));
  }
}

export class Llama implements Model {
  readonly embedding;
  readonly blocks;
  readonly norm;
  readonly head;
  readonly turns;
  constructor(
    w: Weights,
    readonly config: LlamaConfig,
  ) {
    const { layers, width, vocab, context, normEps } = config;
    this.embedding = new Embedding(w, "token_embd", vocab, width);
    this.blocks = Array.from({ length: layers }, (_, layer) => new Block(w.at(`blk.${layer}`), config, layer));
    this.norm = new RmsNorm(w, "output_norm", width, normEps);
    this.head = new Linear(w, w.has("output.weight") ? "output" : "token_embd", width, vocab); // often tied
    this.turns = rotations(context, config.rope);
  }
  forward(tokens: Tensor, positions: Tensor): Tensor {
    let x = this.embedding.forward(tokens);
    for (const block of this.blocks) x = block.forward(x, { positions, turns: this.turns });
    return x;
  }
  logits(x: Tensor): Tensor {
    return this.head.forward(this.norm.forward(x));
  }
}
