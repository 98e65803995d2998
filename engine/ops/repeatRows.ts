import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";
import wgsl from "./repeatRows.wgsl";
import { sumRows } from "./sumRows";

/** Repeats x (width) as `rows` rows: (rows, width). */
export const repeatRows = (x: Tensor, attrs: { rows: number }): Tensor => apply(repeatRowsOp, [x], attrs);

export const repeatRowsOp: Op<{ rows: number }, { rows: number; width: number }> = {
  name: "repeatRows",
  shapes([x], { rows }) {
    expectShape("repeatRows: x", x, [null]);
    return [[rows, x[0]]];
  },
  params: ([[width]], { rows }) => ({ rows, width }),
  reference([y], [x], { rows, width }) {
    for (let row = 0; row < rows; row++) y.set(x, row * width);
  },
  gradient: (_, [g]) => [sumRows(g)],
  gpu: ({ params: { rows, width } }) => [{ wgsl, workgroups: oneThreadEach(rows * width) }],
  cpu: ({ params: { rows, width } }) => [{ kernel: "repeatRows", items: rows, grain: rowsPerChunk(width) }],
};
