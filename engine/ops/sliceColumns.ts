import { ShapeError, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach, rowsPerChunk } from "./op";
import { padColumns } from "./padColumns";
import wgsl from "./sliceColumns.wgsl";

/** Copies columns [from, to) of x (n, width), f32 or i32: (n, to − from). Throws ShapeError. */
export const sliceColumns = (x: Tensor, attrs: { from: number; to: number }): Tensor =>
  apply(sliceColumnsOp, [x], attrs);

export const sliceColumnsOp: Op<
  { from: number; to: number },
  { rows: number; width: number; first: number; count: number }
> = {
  name: "sliceColumns",
  shapes([x], { from, to }) {
    expectShape("sliceColumns: x", x, [null, null]);
    if (from < 0 || from >= to || to > x[1])
      throw new ShapeError(`sliceColumns: asked for columns ${from} to ${to} of ${x[1]}`);
    return [[x[0], to - from]];
  },
  dtypes: ([x]) => [x === "i32" ? "i32" : "f32"],
  params: ([[rows, width]], { from, to }) => ({ rows, width, first: from, count: to - from }),
  reference([y], [x], { rows, width, first, count }) {
    for (let row = 0; row < rows; row++)
      y.set(x.subarray(row * width + first, row * width + first + count), row * count);
  },
  gradient: ({ inputs: [x], attrs: { from } }, [g]) => [padColumns(g, { from, width: x.shape[1] })],
  gpu: ({ params: { rows, count } }) => [{ wgsl, workgroups: oneThreadEach(rows * count) }],
  cpu: ({ params: { rows, count } }) => [{ kernel: "sliceColumns", items: rows, grain: rowsPerChunk(count) }],
};
