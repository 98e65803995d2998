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
import { blockKeys, tileColumns } from "./attention.tiles";
import tiles from "./attentionGradient.wgsl";
import wgsl from "./attentionKeyGradient.wgsl";
import { apply, type Op } from "./op";

/**
 * The gradient (capacity, kvHeads, dim) of attention's keys, given its inputs, lseDelta and the gradient g of its output.
 * For each key: the sum of P · (g·value − delta) · score'(q·k) · query over the queries that see it.
 */
export const attentionKeyGradient = (
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  positions: Tensor,
  starts: Tensor,
  lseDelta: Tensor,
  g: Tensor,
  attrs: AttentionAttrs,
): Tensor => apply(attentionKeyGradientOp, [q, keys, values, positions, starts, lseDelta, g], attrs);

export const attentionKeyGradientOp: Op<AttentionAttrs, AttentionParams> = {
  name: "attentionKeyGradient",
  shapes([q, keys, values, positions, starts, lseDelta, g]) {
    expectAttention("attentionKeyGradient", { q, keys, values, positions, starts, lseDelta, y: g });
    return [keys];
  },
  params: ([q, keys, values], attrs) => attentionParams(q, keys, values[2], attrs),
  reference([y], [q, keys, values, positions, starts, lseDelta, g], params) {
    const { dim, valueDim } = params;
    eachSeen(params, positions, starts, (query, key) => {
      const score = scoreOf(dot(q, query, keys, key, dim), params);
      const probability = Math.exp(score - lseDelta[2 * query]);
      const dS = probability * (dot(g, query, values, key, valueDim) - lseDelta[2 * query + 1]);
      addRow(y, key, q, query, dim, dS * scoreDerivative(score, params));
    });
  },
  gpu: ({ params: { kvHeads, capacity, dim } }) => [
    {
      wgsl: `const CHUNKS = ${Math.ceil(dim / 32)}u;\n${wgsl}${tiles}`,
      workgroups: [Math.ceil(capacity / 32), kvHeads, 1],
    },
  ],
  cpu: ({ params }) => {
    const { kvHeads, dim, valueDim, capacity } = params;
    return [
      {
        kernel: "attentionKeyGradient",
        params,
        items: kvHeads * Math.ceil(capacity / blockKeys),
        grain: 1,
        local: 4 * tileColumns * (dim + valueDim + 12) + 4 * blockKeys * (2 * dim + valueDim),
      },
    ];
  },
};
