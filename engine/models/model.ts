// What every architecture is to the rest of the engine.

import type { Tensor } from "../graph/tensor";
import type { Pass } from "../nn";

export interface ModelConfig {
  vocab: number;
  /** Positions that there are: tokens that a KV cache may hold. */
  context: number;
}

/** A language model as a function of tensors. */
export interface Model {
  readonly config: ModelConfig;
  /** Hidden states (n, width) of `tokens` (n, i32) after the last block. */
  forward(tokens: Tensor, pass: Pass): Tensor;
  /** Logits (n, vocab) of the tokens that follow, from hidden states (n, width). */
  logits(x: Tensor): Tensor;
}
