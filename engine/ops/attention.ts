import { ShapeError, type Tensor } from "../tensor";
import wgsl from "./attention.wgsl";
import fours from "./attentionFours.wgsl";
import ones from "./attentionOnes.wgsl";
import { apply, expectShape, type Op } from "./op";

/**
 * Causal attention, softmax(q·kᵀ · scale)·v, of q (n, heads, dim) over a cache of keys (capacity, groups, dim) and
 * values (capacity, groups, valueDim): (n, heads, valueDim). Query i sees the cache's rows 0 … positions[i]. Heads share
 * keys and values in groups: multi-head, grouped and multi-query attention (arXiv:2305.13245) are one op.
 */
export const attention = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  attrs: { scale: number },
): Tensor => apply(attentionOp, [q, keys, values, positions], attrs);

interface AttentionParams extends Record<string, number> {
  count: number;
  heads: number;
  groups: number;
  dim: number;
  valueDim: number;
  capacity: number;
  scale: number;
}

export const attentionOp: Op<{ scale: number }, AttentionParams> = {
  name: "attention",
  shape([q, keys, values, positions]) {
    expectShape("attention: q", q, [null, null, null]);
    const [count, heads, dim] = q;
    const [capacity, groups] = keys;
    expectShape("attention: keys", keys, [null, null, dim]);
    expectShape("attention: values", values, [capacity, groups, null]);
    expectShape("attention: positions", positions, [count]);
    if (heads % groups) throw new ShapeError(`attention: ${heads} heads cannot share ${groups} groups evenly`);
    return [count, heads, values[2]];
  },
  params: ([[count, heads, dim], [capacity, groups], [, , valueDim]], { scale }) => ({
    count,
    heads,
    groups,
    dim,
    valueDim,
    capacity,
    scale,
  }),
  reference(y, [q, keys, values, positions], { count, heads, groups, dim, valueDim, capacity, scale }) {
    for (let i = 0; i < count; i++)
      for (let head = 0; head < heads; head++) {
        const group = Math.floor((head * groups) / heads);
        const seen = Math.min(positions[i] + 1, capacity);
        const scores = Array.from({ length: seen }, (_, j) => {
          let dot = 0;
          for (let k = 0; k < dim; k++) dot += q[(i * heads + head) * dim + k] * keys[(j * groups + group) * dim + k];
          return dot * scale;
        });
        const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
        const shares = scores.map((score) => Math.exp(score - top));
        const total = shares.reduce((a, b) => a + b, 0);
        for (let j = 0; j < seen; j++)
          for (let k = 0; k < valueDim; k++)
            y[(i * heads + head) * valueDim + k] += (shares[j] / total) * values[(j * groups + group) * valueDim + k];
      }
  },
  gpu({ params: { count, heads, dim, valueDim } }) {
    const sizes = `const DIM = ${dim}u;\nconst VALUE_DIM = ${valueDim}u;\nconst SLICES = ${Math.ceil(valueDim / 64)}u;\n`;
    return [{ wgsl: sizes + (dim % 4 ? ones : fours) + wgsl, workgroups: [count, heads, 1] }];
  },
  cpu({ params }, threads) {
    const { count, heads, groups, dim, valueDim, capacity } = params;
    const shared = heads / groups;
    // About 24 rows at once, so that the keys stay in the fastest cache; four items a thread, so that none waits long.
    const queries = Math.min(count, Math.max(1, 4 * Math.round(6 / shared)));
    const items = groups * Math.ceil(count / queries);
    const parts = Math.max(1, Math.min(Math.ceil((4 * threads) / items), Math.ceil(capacity / 64)));
    const fours = Math.ceil((queries * shared) / 4);
    const local = 128 * dim + fours * (16 * dim + 1024 + 16 * valueDim + 32);
    const attend = {
      kernel: "attention",
      params: { ...params, queries, parts },
      items: items * parts,
      grain: 1,
      local,
    };
    if (parts === 1) return [attend];
    const sum = { kernel: "attentionSum", params: attend.params, items: count * heads, grain: 64, reads: [] };
    return [{ ...attend, leaves: count * heads * parts * (4 * valueDim + 8) }, sum];
  },
};
