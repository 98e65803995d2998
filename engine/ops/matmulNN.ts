import type { Tensor } from "../graph/tensor";
import { linear } from "./linear";
import { type ProductParams, productOnCpu } from "./matmul.cpu";
import tile from "./matmul.wgsl";
import xRows from "./matmulNN.wgsl";
import plain from "./matmulPlain.wgsl";
import stored from "./matmulStored.wgsl";
import { matmulTN } from "./matmulTN";
import { apply, expectShape, type GpuKernel, type Op } from "./op";
import { readWeight } from "./weight";

/**
 * x (n, outputs) · weight (outputs, inputs): (n, inputs), the gradient of linear's x. The weight may be in any storage
 * type; x is not quantized. Throws ShapeError.
 */
export const matmulNN = (x: Tensor, weight: Tensor): Tensor => apply(matmulNNOp, [x, weight], {});

export const matmulNNOp: Op<Record<never, number>, ProductParams> = {
  name: "matmulNN",
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

/** The shader and its workgroups. `loadRows` is the WGSL that loads the first matrix. */
export function productOnGpu({ rows, columns }: ProductParams, loadRows: string, layout: string): GpuKernel {
  const tiles = (height: number) => [Math.ceil(columns / 64), Math.ceil(rows / height), 1] as const;
  const [across, down] = tiles(64);
  const height = across * down < 64 ? 16 : 64; // small tiles where the result is small, so that more workgroups take part
  const loadColumns = layout === "f32" ? plain : readWeight(layout) + stored;
  return { wgsl: `const ROWS = ${height}u;\n${tile}${loadRows}${loadColumns}`, workgroups: tiles(height) };
}
