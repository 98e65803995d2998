// Fill-in-the-middle for a model that learned it from an adapter, and not in its training (Bavarian et al., 2022).
//
// The form needs three marks that no text can contain: special tokens, which the tokenizer never makes of text. An
// adapter does not change the embedding, so the marks must also be tokens whose embeddings differ. Those of most unused
// tokens do not: training has pushed all tokens that it never showed to one point. The adapter's metadata names its
// marks, so that prompts are laid out as in its training.

import type { Marks } from "../load/adapter";
import { CheckpointError, quote } from "../load/checkpoint";
import { type FillInMiddle, fillBetween, type Order } from "./fillInMiddle";
import { control } from "./segment";
import { startOf, type Tokenizer } from "./tokenizer";

/** The suffix comes first: it does not change while the user types, so it stays in the KV cache. */
const orders: readonly Order[] = ["SPM"];

/** Throws CheckpointError where a mark is no special token of the model. */
export function adapterFillInMiddle(tokenizer: Tokenizer, marks: Marks): FillInMiddle {
  const id = (name: string) => {
    const found = tokenizer.specialId(name);
    if (found === undefined)
      throw new CheckpointError(`The fill-in-the-middle mark ${quote(name)} is not a special token of this model`);
    return found;
  };
  const ids = { prefix: id(marks.prefix), suffix: id(marks.suffix), middle: id(marks.middle) };
  return {
    otherFiles: "before",
    withinLines: true,
    longestSuffix: 64,
    orders,
    layout: ({ before = [], ...context }) => [
      control(...startOf(tokenizer)),
      ...before,
      ...fillBetween(ids, context, orders[0]),
    ],
  };
}
