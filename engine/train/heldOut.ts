// Holds texts out, to measure with what a model was not trained on.

import type { Document } from "./data";
import type { Pair } from "./pairs";
import { permutation } from "./random";

export interface Split<T> {
  /** To train on. */
  learned: readonly T[];
  /** To measure with; may be empty. */
  heldOut: readonly T[];
}

const share = 0.05;

/** Holds out a twentieth of the text: documents drawn by `seed`, and the end of one more, from the start of a line on. */
export function holdOut<D extends Document>(documents: readonly D[], seed: number): Split<D> {
  const split: { learned: D[]; heldOut: D[] } = { learned: [], heldOut: [] };
  let room = share * documents.reduce((sum, { text }) => sum + text.length, 0);
  for (const i of permutation(documents.length, seed)) {
    const { text } = documents[i];
    const cut = text.length <= room ? 0 : text.indexOf("\n", text.length - room) + 1 || text.length;
    if (cut > 0) split.learned.push({ ...documents[i], text: text.slice(0, cut) });
    if (cut < text.length) split.heldOut.push({ ...documents[i], text: text.slice(cut) });
    room = 0 < cut && cut < text.length ? 0 : room - (text.length - cut);
  }
  return split;
}

/** Holds out every twentieth pair, counted back from the last. */
export function holdOutPairs(pairs: readonly Pair[]): Split<Pair> {
  const isHeldOut = (i: number) => (pairs.length - 1 - i) % 20 === 0;
  return { learned: pairs.filter((_, i) => !isHeldOut(i)), heldOut: pairs.filter((_, i) => isHeldOut(i)) };
}
