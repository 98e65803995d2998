import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import { repeatRows } from "./repeatRows";
import wgsl from "./sumRows.wgsl";

/** The sum over the rows of x (n, width): (width). */
export const sumRows = (x: Tensor): Tensor => apply(sumRowsOp, [x], {});

export const sumRowsOp: Op<Record<never, number>, { rows: number; width: number }> = {
  name: "sumRows",
  shapes([x]) {
    expectShape("sumRows: x", x, [null, null]);
    return [[x[1]]];
  },
  params: ([[rows, width]]) => ({ rows, width }),
  reference([y], [x], { rows, width }) {
    for (let i = 0; i < rows * width; i++) y[i % width] += x[i];
  },
  gradient: ({ inputs: [x] }, [g]) => [repeatRows(g, { rows: x.shape[0] })],
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.width) }],
  cpu: ({ params: { width } }) => [{ kernel: "sumRows", items: width, grain: 64 }],
};
