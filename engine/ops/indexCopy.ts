import { type Shape, ShapeError, sizeOf, type Tensor } from "../graph/tensor";
import { gather } from "./gather";
import wgsl from "./indexCopy.wgsl";
import { apply, type Op, oneThreadEach } from "./op";

/**
 * Copies `rows` (n, …) into rows `at` (n, i32) of `table` (capacity, …), in place, as a KV cache grows. A row whose index
 * is outside the table is dropped. Throws ShapeError.
 *
 * Gradients flow to `rows` only, and only where all indices differ. The table is a state, which was computed from
 * nothing.
 */
export const indexCopy = (table: Tensor, rows: Tensor, at: Tensor): Tensor => apply(indexCopyOp, [table, rows, at], {});

const rowSize = (shape: Shape) => sizeOf(shape.slice(1));

export const indexCopyOp: Op<Record<never, number>, { count: number; capacity: number; width: number }> = {
  name: "indexCopy",
  inPlace: true,
  shapes([table, rows, at]) {
    if (rowSize(table) !== rowSize(rows))
      throw new ShapeError(
        `indexCopy: the table's rows hold ${rowSize(table)} values, those to write ${rowSize(rows)}`,
      );
    if (at[0] !== rows[0]) throw new ShapeError(`indexCopy: ${rows[0]} rows, but ${at[0]} indices`);
    return [table];
  },
  dtypes: ([table]) => [table === "i32" ? "i32" : "f32"],
  params: ([table, [count]]) => ({ count, capacity: table[0], width: rowSize(table) }),
  reference([y], [, rows, at], { count, capacity, width }) {
    for (let i = 0; i < count; i++)
      if (at[i] >= 0 && at[i] < capacity) y.set(rows.subarray(i * width, (i + 1) * width), at[i] * width);
  },
  gradient({ inputs: [table, rows, at] }, [g]) {
    const [capacity] = table.shape;
    return [undefined, gather(g.reshape(capacity, rowSize(table.shape)), at).reshape(...rows.shape)];
  },
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.count * params.width) }],
  cpu: ({ params: { count } }) => [{ kernel: "indexCopy", items: count, grain: 16 }],
};
