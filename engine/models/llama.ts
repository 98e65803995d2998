// Llama 2 and 3, Mistral, SmolLM2 (arXiv:2302.13971, 2307.09288) and, with biases on q, k and v, Qwen2 (2407.10671).

import type { Tensor } from "../graph/tensor";
import {
  Attention,
  type AttentionConfig,
  Block,
  cosSinTable,
  Embedding,
  Linear,
  type Pass,
  RmsNorm,
  type RopeConfig,
  SwigluFeedForward,
  traceBlock,
  type Weights,
} from "../nn";
import type { Model, ModelConfig } from "./model";

export interface LlamaConfig extends ModelConfig, AttentionConfig {
  layers: number;
  /** Of the feed-forward. */
  hidden: number;
  normEps: number;
  rope: RopeConfig;
}

export class Llama implements Model {
  readonly embedding;
  readonly blocks;
  readonly norm;
  readonly head;
  constructor(
    w: Weights,
    readonly config: LlamaConfig,
  ) {
    const { layers, width, vocab, context, normEps } = config;
    const cosSin = cosSinTable(context, config.rope);
    this.embedding = new Embedding(w, "token_embd", vocab, width);
    this.blocks = Array.from({ length: layers }, (_, layer) => {
      const at = w.at(`blk.${layer}`);
      return new Block(at, config, new Attention(at, config, layer, cosSin), new SwigluFeedForward(at, config));
    });
    this.norm = new RmsNorm(w, "output_norm", width, normEps);
    this.head = new Linear(w, w.has("output.weight") ? "output" : "token_embd", width, vocab); // often tied
  }
  forward(tokens: Tensor, pass: Pass): Tensor {
    const start = this.embedding.forward(tokens);
    return this.blocks.reduce((x, block) => traceBlock(pass, (pass) => block.forward(x, pass)), start);
  }
  logits(x: Tensor): Tensor {
    return this.head.forward(this.norm.forward(x), {});
  }
}
