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

/** Of a middle's token, that of the rest being 1: the rest is learned from left to right, too. */
const middleWeight = 4;

/**
 * `draw` gives a number in [0, 1) for each of 0 to 4. All is learned but `header` and the marks: what a model needs
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
  const [from, to] = middleOf(piece, draw);
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
  const example = exampleOf([...laidOut, ...middle].slice(0, length + 1));
  example.learned.fill(middleWeight, laidOut.length);
  return example;
}

/**
 * Where the middle begins and ends. Half of them are whatever lies between two places (the paper's), the others as
 * likely to have 1 to 10 characters as 10 to 100: what is asked for while one types is short. A third of either go on to
 * the end of their line, where most is typed.
 */
function middleOf(piece: string, draw: (what: number) => number): [from: number, to: number] {
  const [from, to] = draw(1) < 0.5 ? anywhere(draw(2), draw(3)) : ofAnyLength(piece, draw(2), draw(3));
  const [start, end] = [cutAt(piece, from), cutAt(piece, to)];
  if (draw(4) > 1 / 3) return [start, end];
  const lineEnd = piece.indexOf("\n", end);
  return [start, lineEnd < 0 ? piece.length : lineEnd];
}

/** In shares of the piece, as what follows. */
const anywhere = (a: number, b: number) => [Math.min(a, b), Math.max(a, b)];

function ofAnyLength({ length }: string, size: number, place: number) {
  const share = (length + 1) ** (size - 1);
  const from = place * (1 - share);
  return [from, from + share];
}

/** Not between the halves of a character. */
function cutAt(text: string, share: number): number {
  const at = Math.floor(share * (text.length + 1));
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at + 1 : at;
}
