import { type Shape, ShapeError, type Tensor } from "../graph/tensor";
import { groupDots } from "./groupDots";
import { apply, expectShape, type Op, oneThreadEach, rowsPerShare } from "./op";
import wgsl from "./scaleGroups.wgsl";

/**
 * x (n, groups · rank) with the `rank` values of each group times the group's factor, of factors (n, groups): how
 * LoRAMoE (arXiv:2312.09979) weighs its experts, whose low ranks lie side by side in x.
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
    { kernel: "scaleGroups", items: rows * groups, grain: rowsPerShare(rank) },
  ],
};

/** How many values each of a row's groups has. */
export function rankOf(what: string, [, width]: Shape, groups: number): number {
  if (width % groups) throw new ShapeError(`${what}: ${width} values cannot lie in ${groups} groups evenly`);
  return width / groups;
}
