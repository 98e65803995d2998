// What the tokens of a pass see: keys and values of those before them, in this pass and in earlier ones.

import { range, state, type Tensor } from "../graph/tensor";
import { indexCopy } from "../ops";

export interface Seen {
  /** (rows, groups, dim) */
  keys: Tensor;
  values: Tensor;
  /** (n, i32) The last row that each token sees. */
  last: Tensor;
  /** (n, i32) The first one; row 0 where absent. */
  first?: Tensor;
}

export interface Cache {
  /** Adds what a layer has made of the pass's n tokens (n, groups, dim); returns all that they see. */
  extend(layer: number, keys: Tensor, values: Tensor): Seen;
}

/** Rows that outlive the pass: a token's row is its position (n), and it sees all rows up to its own. */
export const kvCache = (context: number, positions: Tensor): Cache => ({
  extend(layer, keys, values) {
    const [, ...row] = keys.shape;
    const [, ...valueRow] = values.shape;
    return {
      keys: indexCopy(state(`cache.${layer}.keys`, [context, ...row]), keys, positions),
      values: indexCopy(state(`cache.${layer}.values`, [context, ...valueRow]), values, positions),
      last: positions,
    };
  },
});

/** For training: a pass of several texts, one after the other. A token sees those from row `starts` (n, i32) to its own. */
export const packed = (starts: Tensor): Cache => ({
  extend: (_, keys, values) => ({ keys, values, last: range(0, keys.shape[0]), first: starts }),
});
