// Fill-in-the-middle for a model that was not trained for it, taught by an adapter (Bavarian et al., 2022).
//
// The form needs three marks that no text can hold: special tokens, which the tokenizer never makes of text. An adapter
// leaves the embedding as it is, so they must also be tokens that differ there, and most that a vocabulary sets aside do
// not: what training never showed has been pushed to one and the same point by the softmax. The adapter's metadata names
// its marks, so that prompts are laid out as they were when it was trained.

import type { Json } from "../load/adapter";
import { CheckpointError, quote } from "../load/checkpoint";
import { type FillInMiddle, fillBetween, type Order } from "./fillInMiddle";
import type { Tokenizer } from "./tokenizer";

/** Names of special tokens; as they stand in JSON. */
export type Marks = {
  prefix: string;
  suffix: string;
  middle: string;
};

/**
 * Those for the built-in model, SmolLM2. Of its 17 special tokens eleven (`<file_sep>`, `<gh_stars>`, `<issue_…>`,
 * `<jupyter_…>`, `<empty_output>`) were never trained and have one embedding between them; `<|endoftext|>`, `<|im_start|>`
 * and `<|im_end|>` are in use. Among the rest, as the first layer sees them, `<filename>` is as far from all others as any
 * two words are from each other (0.55 of a vector's length; words 0.50), `<repo_name>` and `<reponame>` are 0.15 and 0.12
 * from the untrained ones. What matters is to tell the suffix from the middle, so `<filename>`, after which another text
 * begins, opens the suffix, and the middle opens with an untrained token, which has nothing to unlearn. The prefix's mark
 * is always the first token, and is `<repo_name>`, which is the least like the middle's of what is left.
 */
export const smolLm2Marks: Marks = { prefix: "<repo_name>", suffix: "<filename>", middle: "<jupyter_code>" };

/** From an adapter's metadata; undefined where it names no marks. */
export function marksOf({ fillInMiddle }: Readonly<Record<string, Json>>): Marks | undefined {
  const { prefix, suffix, middle } = (fillInMiddle ?? {}) as Partial<Record<keyof Marks, Json>>;
  if (typeof prefix !== "string" || typeof suffix !== "string" || typeof middle !== "string") return undefined;
  return { prefix, suffix, middle };
}

/** The suffix comes first: it stays while one types, and what has been read of it is in the cache. */
const orders: readonly Order[] = ["SPM"];

export function taughtFillInMiddle(tokenizer: Tokenizer, marks: Marks): FillInMiddle {
  const id = (name: string) => {
    const found = tokenizer.specialId(name);
    if (found === undefined)
      throw new CheckpointError(`The fill-in-the-middle mark ${quote(name)} is no special token of this model`);
    return found;
  };
  const ids = { prefix: id(marks.prefix), suffix: id(marks.suffix), middle: id(marks.middle) };
  const start = tokenizer.addBos ? [tokenizer.bos!] : [];
  return {
    takesFiles: false,
    withinLines: true,
    orders,
    layout: (gap) => [...start, ...fillBetween(ids, gap, orders[0])],
  };
}
