import { sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./mul.wgsl";
import { apply, expectShape, type Op, oneThreadEach } from "./op";

/** a ⊙ b, of the same shape. */
export const mul = (a: Tensor, b: Tensor): Tensor => apply(mulOp, [a, b], {});

export const mulOp: Op<Record<never, number>, { size: number }> = {
  name: "mul",
  shapes([a, b]) {
    expectShape("mul: second operand", b, a);
    return [a];
  },
  params: ([a]) => ({ size: sizeOf(a) }),
  reference([y], [a, b], { size }) {
    for (let i = 0; i < size; i++) y[i] = a[i] * b[i];
  },
  gradient: ({ inputs: [a, b] }, [g]) => [mul(g, b), mul(g, a)],
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "mul", items: size, grain: 8192 }],
};
