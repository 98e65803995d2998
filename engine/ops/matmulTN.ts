import type { Tensor } from "../graph/tensor";
import { linear } from "./linear";
import { type ProductParams, productOnCpu } from "./matmul.cpu";
import { productOnGpu } from "./matmul.gpu";
import { matmulNN } from "./matmulNN";
import aRows from "./matmulTN.wgsl";
import { apply, expectShape, type Op } from "./op";

/** aᵀ · b of a (n, p) and b (n, q): (p, q), the gradient of linear's weight. Throws ShapeError. */
export const matmulTN = (a: Tensor, b: Tensor): Tensor => apply(matmulTNOp, [a, b], {});

export const matmulTNOp: Op<Record<never, number>, ProductParams> = {
  name: "matmulTN",
  shapes([a, b]) {
    expectShape("matmulTN: a", a, [null, null]);
    expectShape("matmulTN: b", b, [a[0], null]);
    return [[a[1], b[1]]];
  },
  params: ([[inner, rows], [, columns]]) => ({ rows, inner, columns }),
  reference([y], [a, b], { rows, inner, columns }) {
    for (let k = 0; k < inner; k++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          y[row * columns + column] += a[k * rows + row] * b[k * columns + column];
  },
  gradient: ({ inputs: [a, b] }, [g]) => [linear(b, g), matmulNN(a, g)],
  gpu: ({ params }) => [productOnGpu(params, aRows, "f32")],
  cpu({ params }, threads) {
    const group = { kernel: "groupColumns", params: { inner: params.inner, rows: params.rows } };
    return productOnCpu(params, "f32", group, threads);
  },
};
