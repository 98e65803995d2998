// A transformer's block with its norms before attention and feed-forward (arXiv:2002.04745).

import type { Tensor } from "../graph/tensor";
import { add } from "../ops";
import type { Attention } from "./attention";
import type { FeedForward } from "./feedForward";
import { RmsNorm } from "./norm";
import type { Pass } from "./pass";
import type { Weights } from "./weights";

/** x (n, width) → (n, width). Weights: `attn_norm`, `ffn_norm`, and those of its two parts. */
export class Block {
  readonly attentionNorm;
  readonly feedForwardNorm;
  constructor(
    w: Weights,
    { width, normEps }: { width: number; normEps: number },
    readonly attention: Attention,
    readonly feedForward: FeedForward,
  ) {
    this.attentionNorm = new RmsNorm(w, "attn_norm", width, normEps);
    this.feedForwardNorm = new RmsNorm(w, "ffn_norm", width, normEps);
  }
  forward(x: Tensor, pass: Pass): Tensor {
    const h = add(x, this.attention.forward(this.attentionNorm.forward(x), pass));
    return add(h, this.feedForward.forward(this.feedForwardNorm.forward(h), pass));
  }
}
