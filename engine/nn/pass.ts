// One forward pass over n tokens: what the layers of a model share while they are traced.

import { checkpointed, type Tensor } from "../graph/tensor";
import type { Cache } from "./cache";

export interface Pass {
  /** (n, i32) Where each token stands in its text, from 0. */
  positions: Tensor;
  /** What each token sees of the others. */
  cache: Cache;
  /**
   * Activation checkpointing (arXiv:1604.06174): a reverse pass computes each block's activations again instead of
   * keeping them. It needs about a tenth of the memory and takes a quarter longer.
   */
  checkpointing?: boolean;
  /** Where given, each mixture of experts puts its router's probabilities (n, experts) here, under the router's weights. */
  routing?: Routing;
}

/** What of a pass the layers need that know nothing of other tokens. */
export type Observing = Pick<Pass, "routing">;

export type Routing = Map<Tensor, Tensor>;

/** Traces a block of the model, with activation checkpointing where the pass asks for it. */
export function traceBlock(pass: Pass, block: (pass: Pass) => Tensor): Tensor {
  if (!pass.checkpointing) return block(pass);
  // The block is traced a second time in the reverse pass. What the caller reads are outputs of the checkpoint, so that
  // their gradients reach the second trace and nothing of the first is kept for them.
  let routers: Tensor[] = [];
  const [x, ...probabilities] = checkpointed(() => {
    const routing: Routing = new Map();
    const x = block({ ...pass, routing });
    routers = [...routing.keys()];
    return [x, ...routing.values()];
  });
  for (const [i, router] of routers.entries()) pass.routing?.set(router, probabilities[i]);
  return x;
}
