// LoRAMoE's localized balancing constraint (arXiv:2312.09979). The experts form groups, each meant for one type of text:
// experts of a group share the work on their type evenly, and leave the other types to the other groups.

import { filled, type Tensor } from "../graph/tensor";
import type { Model } from "../models/model";
import type { Routing } from "../nn";
import { add, cvSquared, matmulTN, mul, scale } from "../ops";
import { type Loss, negativeLogLikelihood, sequenceInputs, sequencePass } from "./loss";
import type { Sequence } from "./pack";

export interface Balance {
  /** The routers (experts, inputs) of the mixtures that are balanced. */
  routers: readonly Tensor[];
  experts: number;
  /** β */
  weight: number;
}

/**
 * Cross-entropy over a sequence of n tokens, and the balance of all mixtures on it. All of a sequence is of one type;
 * `coefficients` (1, experts) are the type's.
 */
export const balancedLoss = (
  model: Model,
  n: number,
  { routers, experts, weight }: Balance,
): Loss<keyof Sequence | "coefficients"> => ({
  inputs: { ...sequenceInputs(n), coefficients: { shape: [1, experts], dtype: "f32" } },
  trace({ coefficients, ...sequence }, checkpointing) {
    const routing: Routing = new Map();
    const likelihood = negativeLogLikelihood(model, sequence, { ...sequencePass(sequence, checkpointing), routing });
    const probabilities = routers.map((router) => routing.get(router)!);
    return add(likelihood, balanceLoss(probabilities, filled(1, [n, 1]), coefficients, weight));
  },
});

/**
 * β · Σ var(Z) / (mean(Z)² + 10⁻¹⁰) over the mixtures' `probabilities` (n, experts), with Z = coefficients ⊙ Q: (1). Q
 * (types, experts) sums the probabilities of each type's tokens; `members` (n, types) are 1 where a token is of a type,
 * else 0. The loss makes Z even, so Q grows where a coefficient is small: `coefficients` (types, experts) are 1 − δ for
 * the experts that a type is meant for, and 1 + δ for the others.
 */
export function balanceLoss(
  probabilities: readonly Tensor[],
  members: Tensor,
  coefficients: Tensor,
  weight: number,
): Tensor {
  const each = probabilities.map((those) => cvSquared(mul(coefficients, matmulTN(members, those))));
  return scale(each.reduce(add), { by: weight });
}
