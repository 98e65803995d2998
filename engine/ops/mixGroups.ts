import { type Shape, ShapeError, type Tensor } from "../graph/tensor";
import { groupDots } from "./groupDots";
import wgsl from "./mixGroups.wgsl";
import { apply, expectShape, type Op, oneThreadEach, rowsPerShare } from "./op";

/**
 * x (n, groups · rank) with the `rank` values of each group times the group's share, of shares (n, groups): how
 * LoRAMoE (arXiv:2312.09979) weighs its experts, whose low ranks lie side by side in x.
 */
export const mixGroups = (x: Tensor, shares: Tensor): Tensor => apply(mixGroupsOp, [x, shares], {});

export const mixGroupsOp: Op<Record<never, number>, { rows: number; groups: number; rank: number }> = {
  name: "mixGroups",
  shape([x, shares]) {
    expectShape("mixGroups: x", x, [null, null]);
    expectShape("mixGroups: shares", shares, [x[0], null]);
    rankOf("mixGroups", x, shares[1]);
    return x;
  },
  params: ([x, [rows, groups]]) => ({ rows, groups, rank: rankOf("mixGroups", x, groups) }),
  reference(y, [x, shares], { rows, groups, rank }) {
    for (let i = 0; i < rows * groups * rank; i++) y[i] = x[i] * shares[Math.floor(i / rank)];
  },
  gradient: ({ inputs: [x, shares] }, g) => [mixGroups(g, shares), groupDots(x, g, { groups: shares.shape[1] })],
  gpu: ({ params: { rows, groups, rank } }) => [{ wgsl, workgroups: oneThreadEach(rows * groups * rank) }],
  cpu: ({ params: { rows, groups, rank } }) => [
    { kernel: "mixGroups", items: rows * groups, grain: rowsPerShare(rank) },
  ],
};

/** How many values each of a row's groups has. */
export function rankOf(what: string, [, width]: Shape, groups: number): number {
  if (width % groups) throw new ShapeError(`${what}: ${width} values cannot lie in ${groups} groups evenly`);
  return width / groups;
}
