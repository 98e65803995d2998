import { filled, sizeOf, type Tensor, zeros } from "../graph/tensor";
import { attentionKernels } from "./attention.cpu";
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
import wgsl from "./attention.wgsl";
import { attentionDelta } from "./attentionDelta";
import f16Pairs from "./attentionF16Pairs.wgsl";
import f16Vectors from "./attentionF16Vectors.wgsl";
import { attentionKeyGradient } from "./attentionKeyGradient";
import noStarts from "./attentionNoStarts.wgsl";
import { attentionQueryGradient } from "./attentionQueryGradient";
import scalars from "./attentionScalars.wgsl";
import starts from "./attentionStarts.wgsl";
import { attentionValueGradient } from "./attentionValueGradient";
import vectors from "./attentionVectors.wgsl";
import { add, scale } from "./elementwise";
import { applyAll, type Op } from "./op";
import { padColumns } from "./padColumns";

/** AttentionAttrs, with an optional softCap. */
type Options = Pick<AttentionAttrs, "scale"> & Partial<Pick<AttentionAttrs, "softCap">>;

/**
 * Causal attention, softmax(score(q·kᵀ))·v, of q (n, heads, dim) over a cache of keys (capacity, kvHeads, dim) and
 * values (capacity, kvHeads, valueDim): (n, heads, valueDim). A score is q·k · scale, soft-capped where softCap is given.
 * Query i sees rows starts[i] … positions[i] of the cache, or 0 … positions[i] without starts. Where it sees none, its
 * output is zero. Keys and values may be f16 states, both. heads must be a multiple of kvHeads: multi-head, grouped-query and multi-query attention
 * (arXiv:2305.13245) are one op. Throws ShapeError.
 */
export const attention = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  options: Options,
  starts?: Tensor,
): Tensor => attentionWithLse(q, keys, values, positions, options, starts)[0];

/**
 * The same, and the log-sum-exp of each query's scores (n, heads), which the reverse pass reads; 0 where it sees no key.
 */
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
  f16Inputs: [1, 2],
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
    const rowMax = new Float64Array(count * heads).fill(-Infinity);
    eachSeen(params, positions, starts, (query, key) => {
      rowMax[query] = Math.max(rowMax[query], score(query, key));
    });
    const totals = new Float64Array(count * heads);
    eachSeen(params, positions, starts, (query, key) => {
      const probability = Math.exp(score(query, key) - rowMax[query]);
      totals[query] += probability;
      addRow(y, query, values, key, valueDim, probability);
    });
    for (let i = 0; i < y.length; i++) y[i] /= totals[Math.floor(i / valueDim)] || 1;
    for (const [i, total] of totals.entries()) lse[i] = total && rowMax[i] + Math.log(total);
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
  gpu({ shapes, layouts, params: { count, heads, dim, valueDim } }) {
    const sizes = `const DIM = ${dim}u;\nconst VALUE_DIM = ${valueDim}u;\nconst SLICES = ${Math.ceil(valueDim / 64)}u;\n`;
    const cache = layouts[1] === "f16" ? (dim % 4 ? f16Pairs : f16Vectors) : dim % 4 ? scalars : vectors;
    const first = shapes.length > 4 ? starts : noStarts;
    return [{ wgsl: sizes + cache + first + wgsl, workgroups: [count, heads, 1] }];
  },
  cpu: attentionKernels,
};

/** The gradient of the log-sum-exp adds P · dLse to dS = P · (dP − delta), so it is subtracted from delta. */
function withLseGradient(lseDelta: Tensor, dLse: Tensor | undefined): Tensor {
  if (!dLse) return lseDelta;
  const less = padColumns(scale(dLse.reshape(sizeOf(dLse.shape), 1), { by: -1 }), { from: 1, width: 2 });
  return add(lseDelta, less.reshape(...lseDelta.shape));
}
