import type { Tensor } from "../tensor";

export interface ModelConfig {
  vocab: number;
  /** Tokens that the KV cache holds. */
  context: number;
}

/** A language model as a function of tensors. Its KV cache is state: a pass extends it. */
export interface Model {
  readonly config: ModelConfig;
  /** Hidden states (n, width) of `tokens` (n, i32), which stand at `positions` (n, i32) after those already cached. */
  forward(tokens: Tensor, positions: Tensor): Tensor;
  /** Logits (n, vocab) of the tokens that follow, from hidden states (n, width). */
  logits(x: Tensor): Tensor;
}
