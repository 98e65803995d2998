import type { Tensor } from "../graph/tensor";
import {
  type AttentionAttrs,
  type AttentionParams,
  addRow,
  attentionParams,
  dot,
  eachSeen,
  expectAttention,
  scoreDerivative,
  scoreOf,
} from "./attention.shared";
import { tileColumns } from "./attention.tiles";
import tiles from "./attentionGradient.wgsl";
import wgsl from "./attentionQueryGradient.wgsl";
import { apply, type Op } from "./op";

/**
 * The gradient (n, heads, dim) of attention's queries, given its inputs, lseDelta and the gradient g of its output. For
 * each query: the sum of P · (g·value − delta) · score'(q·k) · key over the keys that it sees.
 */
export const attentionQueryGradient = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  starts: Tensor,
  lseDelta: Tensor,
  g: Tensor,
  attrs: AttentionAttrs,
): Tensor => apply(attentionQueryGradientOp, [q, keys, values, positions, starts, lseDelta, g], attrs);

export const attentionQueryGradientOp: Op<AttentionAttrs, AttentionParams> = {
  name: "attentionQueryGradient",
  shapes([q, keys, values, positions, starts, lseDelta, g]) {
    expectAttention("attentionQueryGradient", { q, keys, values, positions, starts, lseDelta, y: g });
    return [q];
  },
  params: ([q, keys, values], attrs) => attentionParams(q, keys, values[2], attrs),
  reference([y], [q, keys, values, positions, starts, lseDelta, g], params) {
    const { dim, valueDim } = params;
    eachSeen(params, positions, starts, (query, key) => {
      const score = scoreOf(dot(q, query, keys, key, dim), params);
      const probability = Math.exp(score - lseDelta[2 * query]);
      const dS = probability * (dot(g, query, values, key, valueDim) - lseDelta[2 * query + 1]);
      addRow(y, query, keys, key, dim, dS * scoreDerivative(score, params));
    });
  },
  gpu: ({ params: { count, heads, dim } }) => [
    {
      wgsl: `const CHUNKS = ${Math.ceil(dim / 32)}u;\n${wgsl}${tiles}`,
      workgroups: [Math.ceil(count / 32), heads, 1],
    },
  ],
  cpu({ params }) {
    const { count, heads, kvHeads, dim, valueDim } = params;
    // About 96 rows use each tile of packed keys and values.
    const queries = Math.max(4, 4 * Math.round((24 * kvHeads) / heads));
    const fours = (queries / 4) * (heads / kvHeads);
    return [
      {
        kernel: "attentionQueryGradient",
        params: { ...params, queries },
        items: kvHeads * Math.ceil(count / queries),
        grain: 1,
        local: 4 * tileColumns * (dim + valueDim + 8) + fours * 16 * (2 * dim + valueDim),
      },
    ];
  },
};
