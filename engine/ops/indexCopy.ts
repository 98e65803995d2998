import { f16InState, f16Values } from "../graph/half";
import { type Shape, ShapeError, sizeOf, type Tensor } from "../graph/tensor";
import { gather } from "./gather";
import wgsl from "./indexCopy.wgsl";
import wgslF16 from "./indexCopyF16.wgsl";
import { type Attrs, apply, type Op, oneThreadEach, type Params } from "./op";

/**
 * Copies `rows` (n, …) into rows `at` (n, i32) of `table` (capacity, …), in place, as a KV cache grows. A row whose index
 * is outside the table is dropped. An f16 table gets each value's nearest f16 (`f16InState`), on the CPU integers that are
 * as exact; its innermost dimension must be even, for two values share a word. Throws ShapeError.
 *
 * Gradients flow to `rows` only, and only where all indices differ. The table is a state, which was computed from
 * nothing.
 */
export const indexCopy = (table: Tensor, rows: Tensor, at: Tensor): Tensor =>
  apply(indexCopyOp, [table, rows, at], { f16: table.dtype === "f16" ? table.shape[table.shape.length - 1] : 0 });

const rowSize = (shape: Shape) => sizeOf(shape.slice(1));

interface IndexCopyAttrs extends Attrs {
  /** Where the table is f16, the size of its innermost dimension, else 0. */
  f16: number;
}

interface IndexCopyParams extends Params {
  count: number;
  capacity: number;
  width: number;
  f16: number;
}

export const indexCopyOp: Op<IndexCopyAttrs, IndexCopyParams> = {
  name: "indexCopy",
  inPlace: true,
  f16Inputs: [0],
  shapes([table, rows, at], { f16 }) {
    if (rowSize(table) !== rowSize(rows))
      throw new ShapeError(
        `indexCopy: the table's rows hold ${rowSize(table)} values, those to write ${rowSize(rows)}`,
      );
    if (at[0] !== rows[0]) throw new ShapeError(`indexCopy: ${rows[0]} rows, but ${at[0]} indices`);
    if (f16 % 2) throw new ShapeError(`indexCopy: an f16 table's innermost dimension must be even, not ${f16}`);
    return [table];
  },
  dtypes: ([table]) => [table === "i32" || table === "f16" ? table : "f32"],
  params: ([table, [count]], { f16 }) => ({ count, capacity: table[0], width: rowSize(table), f16 }),
  reference([y], [, rows, at], { count, capacity, width, f16 }) {
    for (let i = 0; i < count; i++) {
      if (at[i] < 0 || at[i] >= capacity) continue;
      const row = rows.subarray(i * width, (i + 1) * width);
      y.set(f16 ? row.map((value) => f16Values[f16InState(value)]) : row, at[i] * width);
    }
  },
  gradient({ inputs: [table, rows, at] }, [g]) {
    const [capacity] = table.shape;
    return [undefined, gather(g.reshape(capacity, rowSize(table.shape)), at).reshape(...rows.shape)];
  },
  gpu({ params: { count, width, f16 } }) {
    const words = count * (f16 ? width / 2 : width);
    return [{ wgsl: f16 ? wgslF16 : wgsl, workgroups: oneThreadEach(words) }];
  },
  cpu: ({ params: { count, f16 } }) => [{ kernel: f16 ? "indexCopy_i16" : "indexCopy", items: count, grain: 16 }],
};
