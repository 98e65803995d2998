import type { Tensor } from "../graph/tensor";
import { dot } from "./attention.shared";
import wgsl from "./attentionDelta.wgsl";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";

/**
 * Pairs (n, heads, 2) of log-sum-exp and delta for attention's reverse pass (L and D in FlashAttention-2,
 * arXiv:2307.08691): lse (n, heads), and Σ g·y of the output y (n, heads, valueDim) and its gradient g. They are one
 * tensor because a shader may bind no more than eight buffers.
 */
export const attentionDelta = (lse: Tensor, y: Tensor, g: Tensor): Tensor => apply(attentionDeltaOp, [lse, y, g], {});

export const attentionDeltaOp: Op<Record<never, number>, { rows: number; valueDim: number }> = {
  name: "attentionDelta",
  shapes([lse, y, g]) {
    expectShape("attentionDelta: lse", lse, [null, null]);
    expectShape("attentionDelta: y", y, [...lse, null]);
    expectShape("attentionDelta: g", g, y);
    return [[...lse, 2]];
  },
  params: ([[count, heads], y]) => ({ rows: count * heads, valueDim: y[2] }),
  reference([lseDelta], [lse, y, g], { rows, valueDim }) {
    for (let row = 0; row < rows; row++) {
      lseDelta[2 * row] = lse[row];
      lseDelta[2 * row + 1] = dot(g, row, y, row, valueDim);
    }
  },
  gpu: ({ params: { rows } }) => [{ wgsl, workgroups: oneThreadEach(rows) }],
  cpu: ({ params: { rows, valueDim } }) => [{ kernel: "attentionDelta", items: rows, grain: rowsPerChunk(valueDim) }],
};
