import type { Tensor } from "../graph/tensor";
import wgsl from "./groupDots.wgsl";
import { rankOf } from "./groups.shared";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";
import { scaleGroups } from "./scaleGroups";

/**
 * The dot products of the corresponding groups of a's and b's rows (n, width), of width / groups values each: (n,
 * groups).
 */
export const groupDots = (a: Tensor, b: Tensor, attrs: { groups: number }): Tensor => apply(groupDotsOp, [a, b], attrs);

export const groupDotsOp: Op<{ groups: number }, { rows: number; groups: number; rank: number }> = {
  name: "groupDots",
  shapes([a, b], { groups }) {
    expectShape("groupDots: a", a, [null, null]);
    expectShape("groupDots: b", b, a);
    rankOf("groupDots", a, groups);
    return [[a[0], groups]];
  },
  params: ([a], { groups }) => ({ rows: a[0], groups, rank: rankOf("groupDots", a, groups) }),
  reference([y], [a, b], { rows, groups, rank }) {
    for (let i = 0; i < rows * groups * rank; i++) y[Math.floor(i / rank)] += a[i] * b[i];
  },
  gradient: ({ inputs: [a, b] }, [g]) => [scaleGroups(b, g), scaleGroups(a, g)],
  gpu: ({ params: { rows, groups } }) => [{ wgsl, workgroups: oneThreadEach(rows * groups) }],
  cpu: ({ params: { rows, groups, rank } }) => [
    { kernel: "groupDots", items: rows * groups, grain: rowsPerChunk(rank) },
  ],
};
