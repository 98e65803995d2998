import type { Tensor } from "../graph/tensor";
import wgsl from "./advance.wgsl";
import { apply, expectShape, type Op, oneThreadEach } from "./op";

/** Adds one to each of `positions` (n, i32), in place, so that the next run of the same plan computes the next token. */
export const advance = (positions: Tensor): Tensor => apply(advanceOp, [positions], {});

export const advanceOp: Op<Record<never, number>, { count: number }> = {
  name: "advance",
  inPlace: true,
  shapes([positions]) {
    expectShape("advance: positions", positions, [null]);
    return [positions];
  },
  dtypes: () => ["i32"],
  params: ([[count]]) => ({ count }),
  reference([y], _inputs, { count }) {
    for (let i = 0; i < count; i++) y[i] += 1;
  },
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.count) }],
  cpu: ({ params: { count } }) => [{ kernel: "advance", items: count, grain: count }],
};
