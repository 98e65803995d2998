import type { Tensor } from "../graph/tensor";
import { linear } from "./linear";
import { type ProductParams, productOnCpu } from "./matmul.cpu";
import { productOnGpu } from "./matmul.gpu";
import xRows from "./matmulNN.wgsl";
import { matmulTN } from "./matmulTN";
import { apply, expectShape, type Op } from "./op";

/**
 * x (n, outputs) · weight (outputs, inputs): (n, inputs), the gradient of linear's x. The weight may be in any storage
 * type; x is not quantized. Throws ShapeError.
 */
export const matmulNN = (x: Tensor, weight: Tensor): Tensor => apply(matmulNNOp, [x, weight], {});

export const matmulNNOp: Op<Record<never, number>, ProductParams> = {
  name: "matmulNN",
  storedInput: 1,
  shapes([x, weight]) {
    expectShape("matmulNN: x", x, [null, null]);
    expectShape("matmulNN: weight", weight, [x[1], null]);
    return [[x[0], weight[1]]];
  },
  params: ([[rows, inner], [, columns]]) => ({ rows, inner, columns }),
  reference([y], [x, weight], { rows, inner, columns }) {
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < inner; k++)
        for (let column = 0; column < columns; column++)
          y[row * columns + column] += x[row * inner + k] * weight[k * columns + column];
  },
  gradient: ({ inputs: [x, weight] }, [g]) => [linear(g, weight), matmulTN(x, g)],
  gpu: ({ params, layouts: [, layout] }) => [productOnGpu(params, xRows, layout)],
  cpu({ params, layouts: [, layout] }, threads) {
    const group = { kernel: "groupTokens", params: { rows: params.rows, inputs: params.inner } };
    return productOnCpu(params, layout, group, threads);
  },
};
