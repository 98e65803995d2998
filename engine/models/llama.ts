// Llama 2 and 3, Mistral, SmolLM2 (arXiv:2302.13971, 2307.09288) and, with biases on q, k and v, Qwen2 (2407.10671).

import type { Tensor } from "../graph/tensor";
import { type Cache, Embedding, Linear, RmsNorm, type RopeConfig, rotations, type Weights } from "../nn";
import { add, attention, rope, swiglu } from "../ops";
import type { Around, Model } from "./model";

export interface LlamaConfig {
  layers: number;
  width: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  vocab: number;
  /** Positions that there are: tokens that a KV cache may hold. */
  context: number;
  normEps: number;
  rope: RopeConfig;
}

/** What the layers of one forward pass share. */
interface Step {
  positions: Tensor;
  turns: Tensor;
  cache: Cache;
}

class Attention {
  readonly q;
  readonly k;
  readonly v;
  readonly out;
  constructor(
    w: Weights,
    readonly config: LlamaConfig,
    readonly layer: number,
  ) {
    const { width, heads, kvHeads, headDim } = config;
    this.q = new Linear(w, "attn_q", width, heads * headDim);
    this.k = new Linear(w, "attn_k", width, kvHeads * headDim);
    this.v = new Linear(w, "attn_v", width, kvHeads * headDim);
    this.out = new Linear(w, "attn_output", heads * headDim, width);
  }
  forward(x: Tensor, { positions, turns, cache }: Step): Tensor {
    const { heads, kvHeads, headDim, rope: kind } = this.config;
    const [tokens] = x.shape;
    const turn = { interleaved: kind.interleaved ? 1 : 0 };
    const q = rope(this.q.forward(x).reshape(tokens, heads, headDim), turns, positions, turn);
    const k = rope(this.k.forward(x).reshape(tokens, kvHeads, headDim), turns, positions, turn);
    const v = this.v.forward(x).reshape(tokens, kvHeads, headDim);
    const { keys, values, last, first } = cache.extend(this.layer, k, v);
    const mixed = attention(q, keys, values, last, { scale: headDim ** -0.5 }, first);
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
  forward(tokens: Tensor, positions: Tensor, cache: Cache, around: Around = (block) => block()): Tensor {
    const step = { positions, turns: this.turns, cache };
    const start = this.embedding.forward(tokens);
    return this.blocks.reduce((x, block) => around(() => block.forward(x, step)), start);
  }
  logits(x: Tensor): Tensor {
    return this.head.forward(this.norm.forward(x));
  }
}
