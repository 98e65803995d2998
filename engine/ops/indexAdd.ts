import type { Tensor } from "../graph/tensor";
import { gather } from "./gather";
import wgsl from "./indexAdd.wgsl";
import { apply, expectShape, type Op, oneGroupEach } from "./op";

/**
 * Adds the rows of x (n, width) into a table of zeros, (rows, width), at `ids` (n, i32). A row whose id is outside the
 * table is dropped. The gradient of gather's table.
 */
export const indexAdd = (x: Tensor, ids: Tensor, attrs: { rows: number }): Tensor => apply(indexAddOp, [x, ids], attrs);

export const indexAddOp: Op<{ rows: number }, { count: number; rows: number; width: number }> = {
  name: "indexAdd",
  shapes([x, ids], { rows }) {
    expectShape("indexAdd: x", x, [null, null]);
    expectShape("indexAdd: ids", ids, [x[0]]);
    return [[rows, x[1]]];
  },
  params: ([[count, width]], { rows }) => ({ count, rows, width }),
  reference([y], [x, ids], { count, rows, width }) {
    for (let i = 0; i < count; i++)
      if (ids[i] >= 0 && ids[i] < rows) for (let k = 0; k < width; k++) y[ids[i] * width + k] += x[i * width + k];
  },
  gradient: ({ inputs: [, ids] }, [g]) => [gather(g, ids)],
  gpu: ({ params: { rows } }) => [{ wgsl, workgroups: oneGroupEach(rows) }],
  cpu: ({ params: { rows } }) => [{ kernel: "indexAdd", items: rows, grain: 512 }],
};
