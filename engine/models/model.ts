import type { Tensor } from "../graph/tensor";
import type { Cache } from "../nn";

export interface ModelConfig {
  vocab: number;
  /** Positions that there are. */
  context: number;
}

/** Computes one of a model's blocks: as it stands, or so that a reverse pass computes it again. */
export type Around = (block: () => Tensor) => Tensor;

/** A language model as a function of tensors. */
export interface Model {
  readonly config: ModelConfig;
  /** Hidden states (n, width) of `tokens` (n, i32), which stand at `positions` (n, i32) and see what `cache` says. */
  forward(tokens: Tensor, positions: Tensor, cache: Cache, around?: Around): Tensor;
  /** Logits (n, vocab) of the tokens that follow, from hidden states (n, width). */
  logits(x: Tensor): Tensor;
}
