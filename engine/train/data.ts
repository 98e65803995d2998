// Turns documents into examples of tokens to train on. Half of them are laid out for filling in the middle, which does not
// make the model worse from left to right (Bavarian et al., arXiv:2207.14255).

import type { FillInMiddle } from "../text/fillInMiddle";
import { startOf, type Tokenizer } from "../text/tokenizer";
import { cutAtLines } from "./cut";
import { type Example, endOf, exampleOf, given } from "./example";
import { fillInMiddleExample } from "./fillInMiddleExample";
import { random } from "./random";

export interface Document {
  /** Text that is read before each piece of the document, such as its path in a comment, with the line's end; or "". */
  header: string;
  text: string;
}

export interface DataOptions {
  tokenizer: Tokenizer;
  /** Undefined for a model that cannot fill in the middle. */
  form: FillInMiddle | undefined;
  /** Tokens of a sequence. */
  length: number;
  seed: number;
}

const fillInMiddleShare = 0.5;
/** Middles of one piece. Several short ones have more ends, and where a middle ends is much of what there is to learn. */
const maxMiddles = 4;

/** Cuts documents that are too long between lines. The header comes before each piece, and none of it is learned. */
export const documentExamples = (documents: Iterable<Document>, options: DataOptions): Example[] =>
  [...documents].flatMap((document, i) => examplesOf(document, i, options));

function examplesOf({ header, text }: Document, document: number, options: DataOptions): Example[] {
  const { tokenizer, form, length, seed } = options;
  const encode = (text: string) => tokenizer.encode(text, { continues: true });
  const title = header ? tokenizer.encode(header) : [];
  const top = title.length < length / 2 ? given(title) : [];
  const room = length + 1 - startOf(tokenizer).length - top.length - (form ? marks : 0) - endOf(tokenizer).length;
  const count = (text: string) => encode(text).length;
  const pieces = cutAtLines(text, room, count);

  return pieces.flatMap((piece, i) => {
    const draw = (...what: number[]) => random(seed, document, i, ...what);
    if (form && draw(0) < fillInMiddleShare) {
      const parts = Math.ceil(draw(1) * maxMiddles);
      return cutAtLines(piece, Math.ceil(room / parts), count).map((part, j) =>
        fillInMiddleExample(part, top, { tokenizer, form, length }, (what) => draw(2, j, what)),
      );
    }
    const end = i === pieces.length - 1 ? endOf(tokenizer) : [];
    return exampleOf([...given(startOf(tokenizer)), ...top, ...encode(piece), ...end].slice(0, length + 1));
  });
}

/** Tokens that mark prefix, suffix and middle. */
const marks = 3;
