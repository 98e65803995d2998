import type { Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import wgsl from "./windowStart.wgsl";

/**
 * The first key that each query sees through a sliding window (arXiv:2004.05150): max(last − window + 1, first), of last
 * and first (n, i32): (n, i32), for attention's `starts`. Throws ShapeError.
 */
export const windowStart = (last: Tensor, first: Tensor, attrs: { window: number }): Tensor =>
  apply(windowStartOp, [last, first], attrs);

export const windowStartOp: Op<{ window: number }, { count: number; window: number }> = {
  name: "windowStart",
  shapes([last, first]) {
    expectShape("windowStart: last", last, [null]);
    expectShape("windowStart: first", first, last);
    return [last];
  },
  dtypes: () => ["i32"],
  params: ([[count]], { window }) => ({ count, window }),
  reference([y], [last, first], { count, window }) {
    for (let i = 0; i < count; i++) y[i] = Math.max(first[i], last[i] - window + 1);
  },
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.count) }],
  cpu: ({ params: { count } }) => [{ kernel: "windowStart", items: count, grain: 8192 }],
};
