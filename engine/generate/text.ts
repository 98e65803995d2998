// Generation as text: pieces as they come, up to the first stop string.

import type { Tokenizer } from "../text/tokenizer";
import type { GenerateOptions, Session } from "./session";
import type { TextConstraint } from "./tokenHealing";

export interface TextOptions extends GenerateOptions {
  /** The text ends before the first of these that it would hold. */
  stopStrings?: readonly string[];
  /** The text that it makes the model begin with is not yielded, and no stop string is looked for in it. */
  constraint?: TextConstraint;
}

/** Continues `prompt`, piece by piece. What may yet become a stop string is held back until it is known. */
export async function* generateText(
  { session, tokenizer }: { session: Session; tokenizer: Tokenizer },
  prompt: readonly number[],
  { stopStrings = [], stop = tokenizer.endOfGeneration, ...options }: TextOptions,
): AsyncGenerator<string, void> {
  const decoder = tokenizer.decoder();
  let held = "";
  let unyielded = options.constraint?.text.length ?? 0;
  for await (const id of session.generate(prompt, { stop, ...options })) {
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

/** Where the first of `strings` begins in `text`; −1 where none does. */
function firstOf(text: string, strings: readonly string[]): number {
  const found = strings.map((string) => text.indexOf(string)).filter((at) => at >= 0);
  return found.length ? Math.min(...found) : -1;
}

/** The length of the longest end of `text` that one of `strings` begins with. */
function longestStart(text: string, strings: readonly string[]): number {
  let longest = 0;
  for (const string of strings)
    for (let length = Math.min(string.length - 1, text.length); length > longest; length--)
      if (text.endsWith(string.slice(0, length))) longest = length;
  return longest;
}
