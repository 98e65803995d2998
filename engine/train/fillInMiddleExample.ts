// An example of filling in the middle: a piece of a document with its middle moved to the end. The middle is cut out
// between any two characters, so that the model learns to go on within a word.

import type { FillInMiddle } from "../text/fillInMiddle";
import { idsOf } from "../text/segment";
import type { Tokenizer } from "../text/tokenizer";
import { type Example, endOf, exampleOf, given } from "./example";

interface Options {
  tokenizer: Tokenizer;
  form: FillInMiddle;
  /** Tokens of a sequence. */
  length: number;
}

/** The weight of a middle token's loss. Tokens of prefix and suffix, which are learned left to right, have weight 1. */
const middleWeight = 4;

/**
 * `draw` gives a random number in [0, 1) for each of 0 to 4. All tokens are learned but the header's and the marks, whose
 * places a model cannot know. The end-of-text token after the middle teaches it to stop where the suffix begins.
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
    form.layout({ prefix: [{ ids: header }, { ids: before }], suffix: [{ ids: after }] }, order);

  // Words cut in half take more tokens, so the example may be too long. As in a prompt, the ends far from the middle go.
  const surplus = Math.max(0, idsOf(layOut(prefix, suffix)).length + middle.length - (length + 1));
  const kept = Math.max(0, suffix.length - surplus);
  const prompt = layOut(prefix.slice(surplus - (suffix.length - kept)), suffix.slice(0, kept));
  const laidOut = prompt.flatMap((segment) => ("kind" in segment ? given(segment.ids) : segment.ids));
  const example = exampleOf([...laidOut, ...middle].slice(0, length + 1));
  example.learned.fill(middleWeight, laidOut.length);
  return example;
}

/**
 * Where the middle begins and ends. Half of the middles lie between two uniformly drawn places, as in the paper. The others
 * have log-uniform lengths, as many of 1 to 10 characters as of 10 to 100, since short ones are asked for while one types.
 * A third of both go on to the end of their line, where most is typed.
 */
function middleOf(piece: string, draw: (what: number) => number): [from: number, to: number] {
  const [from, to] = draw(1) < 0.5 ? anywhere(draw(2), draw(3)) : ofAnyLength(piece, draw(2), draw(3));
  const [start, end] = [cutAt(piece, from), cutAt(piece, to)];
  if (draw(4) > 1 / 3) return [start, end];
  const lineEnd = piece.indexOf("\n", end);
  return [start, lineEnd < 0 ? piece.length : lineEnd];
}

/** Two places, as shares of the piece's length. */
const anywhere = (a: number, b: number) => [Math.min(a, b), Math.max(a, b)];

/** The same, of log-uniform distance. */
function ofAnyLength({ length }: string, size: number, place: number) {
  const share = (length + 1) ** (size - 1);
  const from = place * (1 - share);
  return [from, from + share];
}

/** The character index at a share of the text's length, never between two halves of a surrogate pair. */
function cutAt(text: string, share: number): number {
  const at = Math.floor(share * (text.length + 1));
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at + 1 : at;
}
