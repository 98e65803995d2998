// Generates text: yields it in pieces, up to the first stop string.

import type { Tokenizer } from "../text/tokenizer";
import type { GenerateOptions, Session } from "./session";
import type { TextConstraint } from "./tokenHealing";

export interface TextOptions extends GenerateOptions {
  /** Generation ends before the first of these that the text would contain. */
  stopStrings?: readonly string[];
  /** Makes the model begin with a text. That text is not yielded, and not searched for stop strings. */
  constraint?: TextConstraint;
}

/**
 * Continues `prompt`, and yields the text piece by piece. What may be the beginning of a stop string is held back until
 * that is known. Throws what Session.generate throws.
 */
export async function* generateText(
  { session, tokenizer }: { session: Session; tokenizer: Tokenizer },
  prompt: readonly number[],
  { stopStrings = [], stop = tokenizer.endOfGeneration, ...options }: TextOptions,
): AsyncGenerator<string, void> {
  const decoder = tokenizer.decoder();
  let held = "";
  let unyielded = options.constraint?.text.length ?? 0;
  for await (const { id } of session.generate(prompt, { stop, ...options })) {
    held += decoder.push(id);
    if (held.length < unyielded) continue;
    held = held.slice(unyielded);
    unyielded = 0;
    const end = firstOf(held, stopStrings);
    if (end >= 0) {
      if (end > 0) yield held.slice(0, end);
      return;
    }
    const sure = held.length - longestStart(held, stopStrings);
    if (sure > 0) yield held.slice(0, sure);
    held = held.slice(sure);
  }
  held = (held + decoder.flush()).slice(unyielded);
  if (held) yield held;
}

/** The index in `text` of the first occurrence of any of `strings`; −1 where there is none. */
function firstOf(text: string, strings: readonly string[]): number {
  const found = strings.map((string) => text.indexOf(string)).filter((at) => at >= 0);
  return found.length ? Math.min(...found) : -1;
}

/** The length of the longest suffix of `text` that is a proper prefix of one of `strings`. */
function longestStart(text: string, strings: readonly string[]): number {
  let longest = 0;
  for (const string of strings)
    for (let length = Math.min(string.length - 1, text.length); length > longest; length--)
      if (text.endsWith(string.slice(0, length))) longest = length;
  return longest;
}
