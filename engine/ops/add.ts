import type { Tensor } from "../graph/tensor";
import { sizeOf } from "../graph/tensor";
import wgsl from "./add.wgsl";
import { apply, expectShape, type Op, oneThreadEach } from "./op";

/** a + b, of the same shape. */
export const add = (a: Tensor, b: Tensor): Tensor => apply(addOp, [a, b], {});

export const addOp: Op<Record<never, number>, { size: number }> = {
  name: "add",
  shapes([a, b]) {
    expectShape("add: second operand", b, a);
    return [a];
  },
  params: ([a]) => ({ size: sizeOf(a) }),
  reference([y], [a, b], { size }) {
    for (let i = 0; i < size; i++) y[i] = a[i] + b[i];
  },
  gradient: (_, [g]) => [g, g],
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "add", items: size, grain: 8192 }],
};
