import type { Tensor } from "../graph/tensor";
import wgsl from "./crossEntropyGradient.wgsl";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";
import { probabilities } from "./softmax";

/**
 * The gradient of crossEntropy's logits (n, vocab), given its inputs and the gradient g (n) of its output: weight · g ·
 * (softmax(logits) − onehot(target)).
 */
export const crossEntropyGradient = (logits: Tensor, targets: Tensor, weights: Tensor, g: Tensor): Tensor =>
  apply(crossEntropyGradientOp, [logits, targets, weights, g], {});

export const crossEntropyGradientOp: Op<Record<never, number>, { rows: number; vocab: number }> = {
  name: "crossEntropyGradient",
  shapes([logits, targets, weights, g]) {
    expectShape("crossEntropyGradient: logits", logits, [null, null]);
    expectShape("crossEntropyGradient: targets", targets, [logits[0]]);
    expectShape("crossEntropyGradient: weights", weights, [logits[0]]);
    expectShape("crossEntropyGradient: g", g, [logits[0]]);
    return [logits];
  },
  params: ([[rows, vocab]]) => ({ rows, vocab }),
  reference([y], [logits, targets, weights, g], { rows, vocab }) {
    for (let row = 0; row < rows; row++) {
      const factor = weights[row] * g[row];
      if (factor === 0 || targets[row] < 0 || targets[row] >= vocab) continue;
      const at = row * vocab;
      for (const [i, probability] of probabilities(logits.subarray(at, at + vocab)).entries())
        y[at + i] = factor * probability;
      y[at + targets[row]] -= factor;
    }
  },
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  cpu: ({ params: { rows } }) => [{ kernel: "crossEntropyGradient", items: rows, grain: 1 }],
};
