import { sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./addSquares.wgsl";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * Adds the squares of g, of any shape, to totals (parts): (parts). g is divided into as many parts, whose squares are
 * summed in parallel. After all gradients, the sum of the totals is the square of the norm that adamw clips.
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
