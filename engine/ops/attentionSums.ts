import type { Tensor } from "../graph/tensor";
import { type AttentionParams, attentionParams, dot, eachSeen, expectAttention } from "./attention.shared";
import fours from "./attentionFours.wgsl";
import ones from "./attentionOnes.wgsl";
import wgsl from "./attentionSums.wgsl";
import { apply, type Op } from "./op";

/**
 * What the reverse pass of an attention needs of each row instead of its shares: from what it was given, its output y
 * and that one's gradient g, (n, heads, 2) of log Σ exp(score) and Σ g·y (L and D in arXiv:2307.08691). The shares are
 * computed again from the first. Both are 0 where a query sees nothing.
 */
export const attentionSums = (
  q: Tensor,
  keys: Tensor,
  positions: Tensor,
  starts: Tensor,
  y: Tensor,
  g: Tensor,
  attrs: { scale: number },
): Tensor => apply(attentionSumsOp, [q, keys, positions, starts, y, g], attrs);

export const attentionSumsOp: Op<{ scale: number }, AttentionParams> = {
  name: "attentionSums",
  shape([q, keys, positions, starts, y, g]) {
    expectAttention("attentionSums", { q, keys, positions, starts, y });
    expectAttention("attentionSums", { q, keys, positions, starts, y: g });
    return [q[0], q[1], 2];
  },
  params: ([q, keys, , , y], { scale }) => attentionParams(q, keys, y[2], scale),
  reference(sums, [q, keys, positions, starts, y, g], params) {
    const { count, heads, dim, valueDim, scale } = params;
    const score = (query: number, key: number) => dot(q, query, keys, key, dim) * scale;
    const tops = new Float64Array(count * heads).fill(-Infinity);
    eachSeen(params, positions, starts, (query, key) => {
      tops[query] = Math.max(tops[query], score(query, key));
    });
    const totals = new Float64Array(count * heads);
    eachSeen(params, positions, starts, (query, key) => {
      totals[query] += Math.exp(score(query, key) - tops[query]);
    });
    for (const [query, total] of totals.entries()) {
      sums[2 * query] = total ? tops[query] + Math.log(total) : 0;
      sums[2 * query + 1] = dot(g, query, y, query, valueDim);
    }
  },
  gpu: ({ params: { count, heads, dim, valueDim } }) => [
    {
      wgsl: `const DIM = ${dim}u;\nconst VALUE_DIM = ${valueDim}u;\n${dim % 4 ? ones : fours}${wgsl}`,
      workgroups: [count, heads, 1],
    },
  ],
  cpu({ params }) {
    const { count, heads, kvHeads, dim } = params;
    // About 96 rows at once share packed keys.
    const queries = Math.max(4, 4 * Math.round((24 * kvHeads) / heads));
    const fours = (queries / 4) * (heads / kvHeads);
    return [
      {
        kernel: "attentionSums",
        params: { ...params, queries },
        items: kvHeads * Math.ceil(count / queries),
        grain: 1,
        local: 256 * dim + 1024 + fours * (16 * dim + 128),
      },
    ];
  },
};
