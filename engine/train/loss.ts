// What training minimises: the weighted negative log-likelihood of each token's successor, in nats.

import { range, recomputed, type Tensor } from "../graph/tensor";
import type { Around, Model } from "../models/model";
import { packed } from "../nn";
import { add, crossEntropy, gather, sumRows } from "../ops";

/** n tokens of several texts, packed one after the other. */
export interface Pass {
  /** (n, i32) */
  tokens: Tensor;
  /** (n, i32) Counted from each text's start. */
  positions: Tensor;
  /** (n, i32) The row in which each token's text starts. */
  starts: Tensor;
  /** (n, i32) The token that follows; −1 where there is none to learn. */
  targets: Tensor;
  /** (n) */
  weights: Tensor;
}

/** Logits of so many tokens at a time: of all at once they would take more memory than all else. */
const rowsAtOnce = 128;

/** Σ weight · −log p(target | what precedes): (1). */
export function loss(model: Model, pass: Pass, around?: Around): Tensor {
  const { tokens, positions, starts, targets, weights } = pass;
  const [n] = tokens.shape;
  const x = model.forward(tokens, positions, packed(starts), around);
  const pieces: Tensor[] = [];
  for (let from = 0; from < n; from += rowsAtOnce) {
    const rows = range(from, Math.min(rowsAtOnce, n - from));
    const those = (column: Tensor) => gather(column.reshape(n, 1), rows).reshape(...rows.shape);
    pieces.push(
      recomputed(() => {
        const losses = crossEntropy(model.logits(gather(x, rows)), those(targets), those(weights));
        return sumRows(losses.reshape(losses.shape[0], 1));
      }),
    );
  }
  return pieces.reduce(add);
}
