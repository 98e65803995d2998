// What a block does with each token by itself.

import type { Tensor } from "../graph/tensor";
import { swiglu } from "../ops";
import { Linear } from "./linear";
import type { Pass } from "./pass";
import type { Weights } from "./weights";

export interface FeedForward {
  /** x (n, width) → (n, width) */
  forward(x: Tensor, pass: Pass): Tensor;
}

/** down · (silu(gate · x) ⊙ up · x) (arXiv:2002.05202). Weights: `ffn_gate`, `ffn_up`, `ffn_down`. */
export class SwigluFeedForward implements FeedForward {
  readonly gate;
  readonly up;
  readonly down;
  constructor(w: Weights, { width, hidden }: { width: number; hidden: number }) {
    this.gate = new Linear(w, "ffn_gate", width, hidden);
    this.up = new Linear(w, "ffn_up", width, hidden);
    this.down = new Linear(w, "ffn_down", hidden, width);
  }
  forward(x: Tensor, pass: Pass): Tensor {
    return this.down.forward(swiglu(this.gate.forward(x, pass), this.up.forward(x, pass)), pass);
  }
}
