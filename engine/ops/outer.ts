import type { Tensor } from "../graph/tensor";
import { linear } from "./linear";
import { linearTransposed, productOnGpu } from "./linearTransposed";
import { type ProductParams, productOnCpu } from "./linearTransposed.cpu";
import { apply, expectShape, type Op } from "./op";
import aRows from "./outer.wgsl";

/** The transpose of a (n, p) times b (n, q): (p, q), the sum of the outer products of their rows. */
export const outer = (a: Tensor, b: Tensor): Tensor => apply(outerOp, [a, b], {});

export const outerOp: Op<Record<never, number>, ProductParams> = {
  name: "outer",
  shape([a, b]) {
    expectShape("outer: a", a, [null, null]);
    expectShape("outer: b", b, [a[0], null]);
    return [a[1], b[1]];
  },
  params: ([[inner, rows], [, columns]]) => ({ rows, inner, columns }),
  reference(y, [a, b], { rows, inner, columns }) {
    for (let k = 0; k < inner; k++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          y[row * columns + column] += a[k * rows + row] * b[k * columns + column];
  },
  gradient: ({ inputs: [a, b] }, g) => [linear(b, g), linearTransposed(a, g)],
  gpu: ({ params }) => [productOnGpu(params, aRows, "f32")],
  cpu({ params }, threads) {
    const group = { kernel: "groupColumns", params: { inner: params.inner, rows: params.rows } };
    return productOnCpu(params, "f32", group, threads);
  },
};
