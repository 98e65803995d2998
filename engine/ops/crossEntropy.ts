import type { Tensor } from "../graph/tensor";
import wgsl from "./crossEntropy.wgsl";
import { crossEntropyGradient } from "./crossEntropyGradient";
import { apply, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";

/**
 * The cross-entropy loss of each row of `logits` (n, vocab), in nats: (n), weights[i] · −log
 * softmax(logits[i])[targets[i]]. The loss of a row is 0 where its target (n, i32) is outside the vocabulary, or its
 * weight (n) is 0. Throws ShapeError.
 */
export const crossEntropy = (logits: Tensor, targets: Tensor, weights: Tensor): Tensor =>
  apply(crossEntropyOp, [logits, targets, weights], {});

export const crossEntropyOp: Op<Record<never, number>, { rows: number; vocab: number }> = {
  name: "crossEntropy",
  shapes([logits, targets, weights]) {
    expectShape("crossEntropy: logits", logits, [null, null]);
    expectShape("crossEntropy: targets", targets, [logits[0]]);
    expectShape("crossEntropy: weights", weights, [logits[0]]);
    return [[logits[0]]];
  },
  params: ([[rows, vocab]]) => ({ rows, vocab }),
  reference([y], [logits, targets, weights], { rows, vocab }) {
    for (let row = 0; row < rows; row++) {
      if (weights[row] === 0 || targets[row] < 0 || targets[row] >= vocab) continue;
      const x = logits.subarray(row * vocab, (row + 1) * vocab);
      const rowMax = x.reduce((a, b) => Math.max(a, b), -Infinity);
      const total = x.reduce((sum, logit) => sum + Math.exp(logit - rowMax), 0);
      y[row] = weights[row] * (Math.log(total) + rowMax - x[targets[row]]);
    }
  },
  gradient: ({ inputs: [logits, targets, weights] }, [g]) => [
    crossEntropyGradient(logits, targets, weights, g),
    undefined,
    crossEntropy(logits, targets, g), // the unweighted loss is the derivative of the loss with respect to its weight
  ],
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }], // one workgroup a row
  // `local` holds the row's exponentials, of which only the sum is used.
  cpu: ({ params: { rows } }) => [{ kernel: "crossEntropy", items: rows, grain: 1, local: 4096 }],
};
