// What the tokens of a pass see: the keys and values of tokens before them, in this pass and in earlier ones.

import { range, state, type Tensor } from "../graph/tensor";
import { indexCopy } from "../ops";

export interface Seen {
  /** (rows, kvHeads, headDim) */
  keys: Tensor;
  /** (rows, kvHeads, headDim) */
  values: Tensor;
  /** (n, i32) The last row that each token sees. */
  last: Tensor;
  /** (n, i32) The first row that each token sees; row 0 where not given. */
  first?: Tensor;
}

/** f16 takes half the memory and less time than f32, and rounds: see `state`. */
export type CacheType = "f16" | "f32";

export interface Cache {
  /** Adds a layer's keys and values (n, kvHeads, headDim) of the pass's n tokens; returns all that the tokens see. */
  extend(layer: number, keys: Tensor, values: Tensor): Seen;
}

/**
 * The KV cache of a text of up to `context` tokens, which outlives the pass: row p belongs to the token at position p. A
 * token sees all rows up to its own. Keys and values are kept as `type`.
 */
export const kvCache = (context: number, positions: Tensor, type: CacheType): Cache => ({
  extend(layer, keys, values) {
    const [, ...row] = keys.shape;
    const [, ...valueRow] = values.shape;
    return {
      keys: indexCopy(state(`cache.${layer}.keys`, [context, ...row], type), keys, positions),
      values: indexCopy(state(`cache.${layer}.values`, [context, ...valueRow], type), values, positions),
      last: positions,
    };
  },
});

/** Several texts in one pass, one after the other, and nothing of earlier passes. A token sees the rows from `starts` (n,
 *  i32), where its text begins, to its own. */
export const packed = (starts: Tensor): Cache => ({
  extend: (_, keys, values) => ({ keys, values, last: range(0, keys.shape[0]), first: starts }),
});
