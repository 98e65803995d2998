// Token healing. A model knows how words continue that it writes itself, but not a word that was cut where none of its
// tokens ends. So the last tokens of a text are dropped, and generation is constrained to write what they said again: of
// the tokens that agree with this healed prefix the most probable one is taken, which may be shorter or longer.

import type { Tokenizer } from "../text/tokenizer";
import type { TokenConstraint } from "./session";

export interface Unfinished {
  ids: number[];
  /** The end of the text, which is not in `ids`. */
  healedPrefix: string;
}

/** Tokens that are dropped at most. */
const mostHealed = 3;

/** Encodes a text that is to be continued, without the word at its end and the token before that. */
export function encodeUnfinished(tokenizer: Tokenizer, text: string): Unfinished {
  const ids = tokenizer.encode(text, { continues: true });
  const word = /[\w$]*$/.exec(text)![0].length;
  let [healedPrefix, kept] = ["", ids.length];
  while (healedPrefix.length <= word && kept > Math.max(1, ids.length - mostHealed))
    healedPrefix = Buffer.from(tokenizer.piece(ids[--kept])).toString() + healedPrefix;
  const isWhole = /^\p{ASCII}*$/u.test(healedPrefix) && text.endsWith(healedPrefix);
  return isWhole ? { ids: ids.slice(0, kept), healedPrefix } : { ids, healedPrefix: "" };
}

/** Makes the model begin with a text. */
export interface TextConstraint extends TokenConstraint {
  readonly text: string;
}

export type ConstrainTo = (text: string) => TextConstraint;

/** Prepares the tokenizer's vocabulary once; what it returns makes a constraint for one generation. */
export function createConstraints(tokenizer: Tokenizer): ConstrainTo {
  const pieces = sortedPieces(tokenizer);
  return (text) => {
    let left = Buffer.from(text).toString("latin1");
    return {
      text,
      get done() {
        return left === "";
      },
      choose(logits) {
        let best: Piece | undefined;
        for (const piece of agreeing(pieces, left)) if (!best || logits[piece.id] > logits[best.id]) best = piece;
        if (!best) throw new Error(`No token agrees with ${JSON.stringify(left)}`);
        left = left.slice(best.bytes.length);
        return best.id;
      },
    };
  };
}

/** `bytes` as latin1. */
interface Piece {
  id: number;
  bytes: string;
}

function sortedPieces(tokenizer: Tokenizer): Piece[] {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => !tokenizer.isSpecial(id));
  const pieces = ids.map((id) => ({ id, bytes: Buffer.from(tokenizer.piece(id)).toString("latin1") }));
  return pieces.filter(({ bytes }) => bytes).sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0));
}

/** Those that begin with `text`, and those that it begins with. */
function* agreeing(pieces: readonly Piece[], text: string): Generator<Piece> {
  for (let at = firstFrom(pieces, text); pieces[at]?.bytes.startsWith(text); at++) yield pieces[at];
  for (let length = 1; length < text.length; length++) {
    const start = text.slice(0, length);
    for (let at = firstFrom(pieces, start); pieces[at]?.bytes === start; at++) yield pieces[at];
  }
}

/** The index of the first piece that does not come before `text`. */
function firstFrom(pieces: readonly Piece[], text: string): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].bytes < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
