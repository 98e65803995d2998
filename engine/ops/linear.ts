import { sizeOf, type Tensor } from "../tensor";
import wgsl from "./linear.wgsl";
import { apply, expectShape, type Op } from "./op";
import { readWeight } from "./weight";

/**
 * x (n, inputs) times the transpose of weight (outputs, inputs), plus bias (outputs) where given: (n, outputs).
 * The weight may be in any storage type. Devices may round x to 8 bits a block of 32 where the weight is quantized.
 */
export const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  apply(linearOp, bias ? [x, weight, bias] : [x, weight], {});

interface LinearParams extends Record<string, number> {
  rows: number;
  inputs: number;
  outputs: number;
  /** 1 where there is a bias, else 0. */
  biased: number;
}

export const linearOp: Op<Record<never, number>, LinearParams> = {
  name: "linear",
  shape([x, weight, bias]) {
    expectShape("linear: x", x, [null, null]);
    expectShape("linear: weight", weight, [null, x[1]]);
    if (bias) expectShape("linear: bias", bias, [weight[0]]);
    return [x[0], weight[0]];
  },
  params: ([[rows, inputs], [outputs], bias]) => ({ rows, inputs, outputs, biased: bias ? 1 : 0 }),
  reference(y, [x, weight, bias], { rows, inputs, outputs }) {
    for (let row = 0; row < rows; row++)
      for (let out = 0; out < outputs; out++) {
        let sum = bias ? bias[out] : 0;
        for (let i = 0; i < inputs; i++) sum += x[row * inputs + i] * weight[out * inputs + i];
        y[row * outputs + out] = sum;
      }
  },
  gpu: ({ output, layouts }) => [{ wgsl: readWeight(layouts[1]) + wgsl, workgroups: [sizeOf(output), 1, 1] }],
  cpu: ({ layouts }) => [`linear_${layouts[1]}`],
};
