// The part of a document around the caret that completions look at, so that a long document costs no more than a short one.
import { stableEnd } from "./blocks";
import type { CaretText } from "./types";

/** In characters on either side of the caret. */
const least = 32_768;
/** Of a token, at most, but for long runs of one character. */
const characters = 8;

/** `budget` is the longest prompt, in tokens. The window begins where it seldom moves while one types. */
export function windowAround({ prefix, suffix, ...source }: CaretText, budget: number): CaretText {
  const reach = Math.max(least, characters * budget);
  return { ...source, prefix: stableEnd(prefix, reach), suffix: suffix.slice(0, reach) };
}
