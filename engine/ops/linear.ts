import type { Tensor } from "../graph/tensor";
import { type LinearParams, linearOnCpu } from "./linear.cpu";
import any from "./linearAny.wgsl";
import few from "./linearFew.wgsl";
import many from "./linearMany.wgsl";
import store from "./linearStore.wgsl";
import storeBiased from "./linearStoreBiased.wgsl";
import { matmulNN } from "./matmulNN";
import { matmulTN } from "./matmulTN";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import { sumRows } from "./sumRows";
import { readWeight } from "./weight";

/**
 * x · weightᵀ + bias: x (n, inputs), weight (outputs, inputs) in any storage type, bias (outputs), which may be left out:
 * (n, outputs). Where the weight is quantized, devices may quantize x to 8 bits as well, as llama.cpp does. Throws
 * ShapeError.
 */
export const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  apply(linearOp, bias ? [x, weight, bias] : [x, weight], {});

export const linearOp: Op<Record<never, number>, LinearParams> = {
  name: "linear",
  storedInput: 1,
  shapes([x, weight, bias]) {
    expectShape("linear: x", x, [null, null]);
    expectShape("linear: weight", weight, [null, x[1]]);
    if (bias) expectShape("linear: bias", bias, [weight[0]]);
    return [[x[0], weight[0]]];
  },
  params: ([[rows, inputs], [outputs], bias]) => ({ rows, inputs, outputs, biased: bias ? 1 : 0 }),
  reference([y], [x, weight, bias], { rows, inputs, outputs }) {
    for (let row = 0; row < rows; row++)
      for (let out = 0; out < outputs; out++) {
        let sum = bias ? bias[out] : 0;
        for (let i = 0; i < inputs; i++) sum += x[row * inputs + i] * weight[out * inputs + i];
        y[row * outputs + out] = sum;
      }
  },
  gradient: ({ inputs: [x, weight, bias] }, [g]) => [matmulNN(g, weight), matmulTN(g, x), bias && sumRows(g)],
  gpu({ params: { rows, inputs, outputs, biased }, layouts: [, layout] }) {
    const end = biased ? storeBiased : store;
    if (inputs % 32) return [{ wgsl: any + end, workgroups: oneThreadEach(rows * outputs) }];
    const read = readWeight(layout) + end;
    const tiles = [Math.ceil(outputs / 64), Math.ceil(rows / 64), 1] as const;
    if (rows > 16) return [{ wgsl: read + many, workgroups: tiles }];
    const rowsPerGroup = rows === 1 ? 1 : rows <= 4 ? 4 : 8; // few different shaders to compile
    const groups = [Math.ceil(outputs / 8), Math.ceil(rows / rowsPerGroup), 1] as const;
    return [{ wgsl: `const ROWS = ${rowsPerGroup}u;\n${read}${few}`, workgroups: groups }];
  },
  cpu: linearOnCpu,
};
