import type { Tensor } from "../graph/tensor";
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
import { blockKeys, tileColumns } from "./attention.tiles";
import tiles from "./attentionGradient.wgsl";
import wgsl from "./attentionValueGradient.wgsl";
import { apply, type Op } from "./op";

/**
 * The gradient (capacity, kvHeads, valueDim) of attention's values, given its other inputs, lseDelta and the gradient g
 * of its output. For each value: the sum of P · g over the queries that see it.
 */
export const attentionValueGradient = (
  q: Tensor,
  keys: Tensor,
  positions: Tensor,
  starts: Tensor,
  lseDelta: Tensor,
  g: Tensor,
  attrs: AttentionAttrs,
): Tensor => apply(attentionValueGradientOp, [q, keys, positions, starts, lseDelta, g], attrs);

export const attentionValueGradientOp: Op<AttentionAttrs, AttentionParams> = {
  name: "attentionValueGradient",
  shapes([q, keys, positions, starts, lseDelta, g]) {
    expectAttention("attentionValueGradient", { q, keys, positions, starts, lseDelta, y: g });
    return [[keys[0], keys[1], g[2]]];
  },
  params: ([q, keys, , , , g], attrs) => attentionParams(q, keys, g[2], attrs),
  reference([y], [q, keys, positions, starts, lseDelta, g], params) {
    const { dim, valueDim } = params;
    eachSeen(params, positions, starts, (query, key) => {
      const probability = Math.exp(scoreOf(dot(q, query, keys, key, dim), params) - lseDelta[2 * query]);
      addRow(y, key, g, query, valueDim, probability);
    });
  },
  gpu: ({ params: { kvHeads, capacity, valueDim } }) => [
    {
      wgsl: `const CHUNKS = ${Math.ceil(valueDim / 32)}u;\n${wgsl}${tiles}`,
      workgroups: [Math.ceil(capacity / 32), kvHeads, 1],
    },
  ],
  cpu: ({ params }) => {
    const { kvHeads, dim, valueDim, capacity } = params;
    return [
      {
        kernel: "attentionValueGradient",
        params,
        items: kvHeads * Math.ceil(capacity / blockKeys),
        grain: 1,
        local: 4 * tileColumns * (dim + 8) + 4 * blockKeys * (dim + valueDim),
      },
    ];
  },
};
