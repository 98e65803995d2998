import { ShapeError, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";
import wgsl from "./padColumns.wgsl";
import { sliceColumns } from "./sliceColumns";

/**
 * Pads x (n, count) with columns of zeros: (n, width), of which x is columns [from, from + count). The gradient of
 * sliceColumns.
 */
export const padColumns = (x: Tensor, attrs: { from: number; width: number }): Tensor =>
  apply(padColumnsOp, [x], attrs);

export const padColumnsOp: Op<
  { from: number; width: number },
  { rows: number; width: number; first: number; count: number }
> = {
  name: "padColumns",
  shapes([x], { from, width }) {
    expectShape("padColumns: x", x, [null, null]);
    if (from < 0 || from + x[1] > width)
      throw new ShapeError(`padColumns: ${x[1]} columns from ${from} on do not fit into ${width}`);
    return [[x[0], width]];
  },
  params: ([[rows, count]], { from, width }) => ({ rows, width, first: from, count }),
  reference([y], [x], { rows, width, first, count }) {
    for (let row = 0; row < rows; row++) y.set(x.subarray(row * count, (row + 1) * count), row * width + first);
  },
  gradient: ({ inputs: [x], attrs: { from } }, [g]) => [sliceColumns(g, { from, to: from + x.shape[1] })],
  gpu: ({ params: { rows, width } }) => [{ wgsl, workgroups: oneThreadEach(rows * width) }],
  cpu: ({ params: { rows, width } }) => [{ kernel: "padColumns", items: rows, grain: rowsPerChunk(width) }],
};
