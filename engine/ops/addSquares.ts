import { sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./addSquares.wgsl";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * totals + the squares of g, which is of any shape: (parts), like totals. The first part's total is of the first values
 * of g, and so on, so that as many threads can add at once as there are parts. Over all gradients, all parts together
 * are the square of the norm that adamw clips.
 */
export const addSquares = (totals: Tensor, g: Tensor): Tensor => apply(addSquaresOp, [totals, g], {});

export const addSquaresOp: Op<Record<never, number>, { parts: number; size: number }> = {
  name: "addSquares",
  shapes([totals]) {
    expectShape("addSquares: totals", totals, [null]);
    return [totals];
  },
  params: ([[parts], g]) => ({ parts, size: sizeOf(g) }),
  reference([y], [totals, g], { parts, size }) {
    y.set(totals);
    for (let i = 0; i < size; i++) y[Math.floor(i / Math.ceil(size / parts))] += g[i] ** 2;
  },
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.parts, 1, 1] }],
  cpu: ({ params: { parts, size } }) => [
    { kernel: "addSquares", items: parts, grain: Math.ceil((parts * 16384) / size) },
  ],
};
