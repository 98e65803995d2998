// A piece of a document with its middle at the end, cut at any two characters, so that words cut in half are learned too.

import type { FillInMiddle } from "../text/fillInMiddle";
import type { Tokenizer } from "../text/tokenizer";
import { type Example, endOf, exampleOf, given } from "./example";

interface Options {
  tokenizer: Tokenizer;
  form: FillInMiddle;
  /** Tokens of a sequence. */
  length: number;
}

/**
 * `draw` gives a number in [0, 1) for each of 0, 1 and 2. All is learned but `header` and the marks: what a model needs
 * not write, and cannot know the place of. The end after the middle is how it learns to stop where the suffix begins.
 */
export function fillInMiddleExample(
  piece: string,
  header: readonly number[],
  { tokenizer, form, length }: Options,
  draw: (what: number) => number,
): Example {
  const encode = (text: string) => tokenizer.encode(text, { continues: true });
  const order = form.orders[Math.floor(draw(0) * form.orders.length)];
  const [from, to] = [cutAt(piece, draw(1)), cutAt(piece, draw(2))].sort((a, b) => a - b);
  const prefix = encode(piece.slice(0, from));
  const suffix = encode(piece.slice(to));
  const middle = [...encode(piece.slice(from, to)), ...endOf(tokenizer)];
  const layOut = (before: readonly number[], after: readonly number[]) =>
    form.layout({ prefix: [...header, ...before], suffix: after }, order);

  // Words cut in half take a few tokens more. As in prompts, they are missed at the far ends.
  const surplus = Math.max(0, layOut(prefix, suffix).length + middle.length - (length + 1));
  const kept = Math.max(0, suffix.length - surplus);
  const prompt = layOut(prefix.slice(surplus - (suffix.length - kept)), suffix.slice(0, kept));
  const laidOut = prompt.flatMap((id) => (id >= 0 && tokenizer.isSpecial(id) ? given([id]) : id));
  return exampleOf([...laidOut, ...middle].slice(0, length + 1));
}

/** Not between the halves of a character. */
function cutAt(text: string, share: number): number {
  const at = Math.floor(share * (text.length + 1));
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at + 1 : at;
}
