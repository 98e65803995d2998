// LoRAMoE's localized balancing constraint (arXiv:2312.09979): experts of one group are to share the work on their own
// kind of text, and each kind of text leans towards one group.

import type { Tensor } from "../graph/tensor";
import { add, cvSquared, matmulTN, mul, scale } from "../ops";

export interface Balance {
  /** The mixtures' shares (n, experts) that the pass just traced has made. */
  shares: Tensor[];
  experts: number;
  /** Sequences of a pass. */
  texts: number;
  /** β */
  weight: number;
}

/**
 * β · var(Z) / (mean(Z)² + 10⁻¹⁰) with Z = leanings ⊙ Q, Q the sums of shares by text, added up over all mixtures: (1).
 * `members` (n, texts) are 1 where a token belongs to a text, else 0. The loss evens Z out, so Q leans the other way than
 * `leanings` (texts, experts): these are 1 − δ for the experts of the group that the text is meant for, 1 + δ for others.
 */
export function balanceLoss({ shares, weight }: Balance, members: Tensor, leanings: Tensor): Tensor {
  const each = shares.map((share) => cvSquared(mul(leanings, matmulTN(members, share))));
  return scale(each.reduce(add), { by: weight });
}
