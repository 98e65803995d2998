import { filled, sizeOf, type Tensor, zeros } from "../graph/tensor";
import {
  type AttentionAttrs,
  type AttentionParams,
  addRow,
  attentionParams,
  dot,
  eachSeen,
  expectAttention,
  scoreOf,
} from "./attention.shared";
import { halfKeys, tileColumns } from "./attention.tiles";
import wgsl from "./attention.wgsl";
import all from "./attentionAll.wgsl";
import { attentionDelta } from "./attentionDelta";
import fours from "./attentionFours.wgsl";
import from from "./attentionFrom.wgsl";
import { attentionKeyGradient } from "./attentionKeyGradient";
import ones from "./attentionOnes.wgsl";
import { attentionQueryGradient } from "./attentionQueryGradient";
import { attentionValueGradient } from "./attentionValueGradient";
import { add, scale } from "./elementwise";
import { applyAll, type Op } from "./op";
import { padColumns } from "./padColumns";

/** AttentionAttrs, with scores uncapped where no softCap is given. */
type Options = Pick<AttentionAttrs, "scale"> & Partial<Pick<AttentionAttrs, "softCap">>;

/**
 * Causal attention, softmax(score(q·kᵀ))·v, of q (n, heads, dim) over a cache of keys (capacity, kvHeads, dim) and
 * values (capacity, kvHeads, valueDim): (n, heads, valueDim). A score is q·k · scale, soft-capped where asked for. Query
 * i sees the cache's rows starts[i] … positions[i], from the first on where there are no starts; one that sees none gives
 * zeros. Heads share keys and values in groups: multi-head, grouped and multi-query attention (arXiv:2305.13245) are one
 * op.
 */
export const attention = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  options: Options,
  starts?: Tensor,
): Tensor => attentionWithLse(q, keys, values, positions, options, starts)[0];

/** The same, and the log-sum-exp of each row's scores (n, heads), 0 where a query sees none: the reverse pass reads it. */
export const attentionWithLse = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  { scale, softCap = 0 }: Options,
  starts?: Tensor,
): readonly Tensor[] =>
  applyAll(attentionOp, [q, keys, values, positions, ...(starts ? [starts] : [])], { scale, softCap });

export const attentionOp: Op<AttentionAttrs, AttentionParams> = {
  name: "attention",
  shapes([q, keys, values, positions, starts]) {
    expectAttention("attention", { q, keys, values, positions, starts });
    return [
      [q[0], q[1], values[2]],
      [q[0], q[1]],
    ];
  },
  params: ([q, keys, values], attrs) => attentionParams(q, keys, values[2], attrs),
  reference([y, lse], [q, keys, values, positions, starts], params) {
    const { count, heads, dim, valueDim } = params;
    const score = (query: number, key: number) => scoreOf(dot(q, query, keys, key, dim), params);
    const tops = new Float64Array(count * heads).fill(-Infinity);
    eachSeen(params, positions, starts, (query, key) => {
      tops[query] = Math.max(tops[query], score(query, key));
    });
    const totals = new Float64Array(count * heads);
    eachSeen(params, positions, starts, (query, key) => {
      const probability = Math.exp(score(query, key) - tops[query]);
      totals[query] += probability;
      addRow(y, query, values, key, valueDim, probability);
    });
    for (let i = 0; i < y.length; i++) y[i] /= totals[Math.floor(i / valueDim)] || 1;
    for (const [i, total] of totals.entries()) lse[i] = total && tops[i] + Math.log(total);
  },
  gradient({ inputs: [q, keys, values, positions, starts = zeros(q.shape[0])], attrs, outputs: [y, lse] }, [dY, dLse]) {
    const g = dY ?? filled(0, y.shape);
    const lseDelta = withLseGradient(attentionDelta(lse, y, g), dLse);
    return [
      attentionQueryGradient(q, keys, values, positions, starts, lseDelta, g, attrs),
      attentionKeyGradient(q, keys, values, positions, starts, lseDelta, g, attrs),
      attentionValueGradient(q, keys, positions, starts, lseDelta, g, attrs),
    ];
  },
  gpu({ shapes, params: { count, heads, dim, valueDim } }) {
    const sizes = `const DIM = ${dim}u;\nconst VALUE_DIM = ${valueDim}u;\nconst SLICES = ${Math.ceil(valueDim / 64)}u;\n`;
    const first = shapes.length > 4 ? from : all;
    return [{ wgsl: sizes + (dim % 4 ? ones : fours) + first + wgsl, workgroups: [count, heads, 1] }];
  },
  cpu({ params }, threads) {
    const { count, heads, kvHeads, dim, valueDim, capacity } = params;
    const shared = heads / kvHeads;
    // About 24 rows at once, so that the keys stay in the fastest cache; four items a thread, so that none waits long.
    const queries = Math.min(count, Math.max(1, 4 * Math.round(6 / shared)));
    const items = kvHeads * Math.ceil(count / queries);
    const parts = Math.max(1, Math.min(Math.ceil((4 * threads) / items), Math.ceil(capacity / tileColumns)));
    const fours = Math.ceil((queries * shared) / 4);
    const local = 4 * halfKeys * dim + fours * (16 * dim + 16 * tileColumns + 16 * valueDim + 32);
    const attend = {
      kernel: "attention",
      params: { ...params, queries, parts },
      items: items * parts,
      grain: 1,
      local,
    };
    if (parts === 1) return [attend];
    const sum = { kernel: "attentionSum", params: attend.params, items: count * heads, grain: 64, reads: [] };
    return [{ ...attend, scratchBytes: count * heads * parts * (4 * valueDim + 8) }, sum];
  },
};

/** What a log-sum-exp's own gradient adds to dS = P · (dP − delta): it is taken from delta. */
function withLseGradient(lseDelta: Tensor, dLse: Tensor | undefined): Tensor {
  if (!dLse) return lseDelta;
  const less = padColumns(scale(dLse.reshape(sizeOf(dLse.shape), 1), { by: -1 }), { from: 1, width: 2 });
  return add(lseDelta, less.reshape(...lseDelta.shape));
}
