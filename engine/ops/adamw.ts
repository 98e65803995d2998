import { ShapeError, sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./adamw.wgsl";
import { apply, expectShape, type Op, oneThreadEach } from "./op";

/**
 * A step of AdamW (arXiv:1711.05101) as PyTorch does it, in place on a state (3, …): a parameter's values p, its first
 * moment m and its second moment v. g, of the parameter's size, is the gradient. The sum of `squares` (parts) is the
 * square of the norm of all parameters' gradients, by which they are clipped. `schedule` (8) holds, in order: learning
 * rate, β1, β2, eps, weight decay, the largest norm, and at step t 1 − β1^t and 1 − β2^t. Throws ShapeError.
 *
 *   g = g · min(1, largest norm / norm)
 *   m = β1 · m + (1 − β1) · g      v = β2 · v + (1 − β2) · g²
 *   p = p − rate · (decay · p + m / (1 − β1^t) / (√(v / (1 − β2^t)) + eps))
 */
export const adamw = (state: Tensor, g: Tensor, squares: Tensor, schedule: Tensor): Tensor =>
  apply(adamwOp, [state, g, squares, schedule], {});

export const adamwOp: Op<Record<never, number>, { size: number; parts: number }> = {
  name: "adamw",
  inPlace: true,
  shapes([state, g, squares, schedule]) {
    if (state[0] !== 3 || sizeOf(state) !== 3 * sizeOf(g))
      throw new ShapeError(`adamw: for ${sizeOf(g)} gradients expected a state (3, …), got (${state.join(", ")})`);
    expectShape("adamw: squares", squares, [null]);
    expectShape("adamw: schedule", schedule, [8]);
    return [state];
  },
  params: ([, g, [parts]]) => ({ size: sizeOf(g), parts }),
  reference([y], [, g, squares, schedule], { size }) {
    const [rate, beta1, beta2, eps, decay, largest, unbias1, unbias2] = schedule;
    const norm = Math.sqrt(squares.reduce((sum, part) => sum + part, 0));
    const clip = norm > largest ? largest / norm : 1;
    for (let i = 0; i < size; i++) {
      const clipped = g[i] * clip;
      const m = beta1 * y[size + i] + (1 - beta1) * clipped;
      const v = beta2 * y[2 * size + i] + (1 - beta2) * clipped ** 2;
      y[i] -= rate * (decay * y[i] + m / unbias1 / (Math.sqrt(v / unbias2) + eps));
      y[size + i] = m;
      y[2 * size + i] = v;
    }
  },
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "adamw", items: size, grain: 8192 }],
};
