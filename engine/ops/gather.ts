import type { Tensor } from "../graph/tensor";
import plain from "./gather.wgsl";
import stored from "./gatherStored.wgsl";
import { indexAdd } from "./indexAdd";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import { readWeight } from "./weight";

/**
 * Rows `ids` (n, i32) of `table` (rows, width): (n, width). The table may be i32, or a weight in any storage type, such
 * as an embedding. An id outside the table gives zeros. Throws ShapeError.
 */
export const gather = (table: Tensor, ids: Tensor): Tensor => apply(gatherOp, [table, ids], {});

export const gatherOp: Op<Record<never, number>, { count: number; rows: number; width: number }> = {
  name: "gather",
  storedInput: 0,
  shapes([table, ids]) {
    expectShape("gather: table", table, [null, null]);
    expectShape("gather: ids", ids, [null]);
    return [[ids[0], table[1]]];
  },
  dtypes: ([table]) => [table === "i32" ? "i32" : "f32"],
  params: ([[rows, width], [count]]) => ({ count, rows, width }),
  reference([y], [table, ids], { count, rows, width }) {
    for (let i = 0; i < count; i++)
      if (ids[i] >= 0 && ids[i] < rows) y.set(table.subarray(ids[i] * width, (ids[i] + 1) * width), i * width);
  },
  gradient: ({ inputs: [table, ids] }, [g]) => [indexAdd(g, ids, { rows: table.shape[0] })],
  gpu({ params: { count, width }, layouts: [layout] }) {
    if (layout === "f32" || layout === "i32") return [{ wgsl: plain, workgroups: oneThreadEach(count * width) }];
    return [{ wgsl: readWeight(layout) + stored, workgroups: oneThreadEach((count * width) / 32) }];
  },
  cpu: ({ params: { count }, layouts: [table] }) => [
    { kernel: `gather_${table === "i32" ? "f32" : table}`, items: count, grain: 4 },
  ],
};
