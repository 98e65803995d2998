import { ShapeError, sizeOf, type Tensor, viewAlignment } from "../graph/tensor";
import { sliceColumns } from "./sliceColumns";

/**
 * Rows [from, to) of the outermost dimension of x: (to − from, …). A view where one can begin there (see
 * `viewAlignment`), else a copy. Throws ShapeError where there are no such rows.
 */
export function slice(x: Tensor, from: number, to: number): Tensor {
  const [rows, ...rest] = x.shape;
  const width = sizeOf(rest);
  if ((x.offset + from * width) % viewAlignment === 0) return x.rows(from, to);
  if (from < 0 || from >= to || to > rows)
    throw new ShapeError(`slice: asked for rows ${from} to ${to} of a tensor of ${rows}`);
  return sliceColumns(x.reshape(1, rows * width), { from: from * width, to: to * width }).reshape(to - from, ...rest);
}
