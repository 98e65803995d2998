import type { Tensor } from "../graph/tensor";
import { groupDots } from "./groupDots";
import { rankOf } from "./groups.shared";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";
import wgsl from "./scaleGroups.wgsl";

/**
 * Multiplies the `rank` values of each group of x (n, groups · rank) by the group's factor (n, groups). LoRAMoE
 * (arXiv:2312.09979) multiplies its experts' low-rank activations, side by side in x, by the router's probabilities so.
 */
export const scaleGroups = (x: Tensor, factors: Tensor): Tensor => apply(scaleGroupsOp, [x, factors], {});

export const scaleGroupsOp: Op<Record<never, number>, { rows: number; groups: number; rank: number }> = {
  name: "scaleGroups",
  shapes([x, factors]) {
    expectShape("scaleGroups: x", x, [null, null]);
    expectShape("scaleGroups: factors", factors, [x[0], null]);
    rankOf("scaleGroups", x, factors[1]);
    return [x];
  },
  params: ([x, [rows, groups]]) => ({ rows, groups, rank: rankOf("scaleGroups", x, groups) }),
  reference([y], [x, factors], { rows, groups, rank }) {
    for (let i = 0; i < rows * groups * rank; i++) y[i] = x[i] * factors[Math.floor(i / rank)];
  },
  gradient: ({ inputs: [x, factors] }, [g]) => [scaleGroups(g, factors), groupDots(x, g, { groups: factors.shape[1] })],
  gpu: ({ params: { rows, groups, rank } }) => [{ wgsl, workgroups: oneThreadEach(rows * groups * rank) }],
  cpu: ({ params: { rows, groups, rank } }) => [
    { kernel: "scaleGroups", items: rows * groups, grain: rowsPerChunk(rank) },
  ],
};
