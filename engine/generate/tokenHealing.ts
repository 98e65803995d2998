// Token healing. A text that ends in the middle of a word often ends where no token of its training data would, and
// models continue such texts badly. So the last tokens of the text are dropped, and generation is constrained to begin
// with their text, the healed prefix: each time it takes the most probable token that agrees with it, which may be
// shorter or longer.

import type { Tokenizer } from "../text/tokenizer";
import type { TokenConstraint } from "./session";

export interface Unfinished {
  ids: number[];
  /** The end of the text, which `ids` leave out. */
  healedPrefix: string;
}

/** How many tokens are dropped at most. */
const maxHealed = 3;

/** Encodes a text that is to be continued, without the word at its end and the token before that word. */
export function encodeUnfinished(tokenizer: Tokenizer, text: string): Unfinished {
  const ids = tokenizer.encode(text, { continues: true });
  const word = /[\w$]*$/.exec(text)![0].length;
  let [healedPrefix, kept] = ["", ids.length];
  while (healedPrefix.length <= word && kept > Math.max(1, ids.length - maxHealed))
    healedPrefix = Buffer.from(tokenizer.piece(ids[--kept])).toString() + healedPrefix;
  const isWhole = /^\p{ASCII}*$/u.test(healedPrefix) && text.endsWith(healedPrefix);
  return isWhole ? { ids: ids.slice(0, kept), healedPrefix } : { ids, healedPrefix: "" };
}

/** Makes the model begin with `text`. */
export interface TextConstraint extends TokenConstraint {
  readonly text: string;
}

export type ConstrainTo = (text: string) => TextConstraint;

/** Sorts the tokenizer's vocabulary once. The returned function makes a constraint, which serves one generation. */
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
        const { id, bytes } = best;
        let mass = 0;
        for (const piece of agreeing(pieces, left)) mass += Math.exp(logits[piece.id] - logits[id]);
        left = left.slice(bytes.length);
        return { id, logProbability: -Math.log(mass) };
      },
    };
  };
}

/** A token. */
interface Piece {
  id: number;
  /** Its bytes, one a character (latin1). */
  bytes: string;
}

function sortedPieces(tokenizer: Tokenizer): Piece[] {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => !tokenizer.isSpecial(id));
  const pieces = ids.map((id) => ({ id, bytes: Buffer.from(tokenizer.piece(id)).toString("latin1") }));
  return pieces.filter(({ bytes }) => bytes).sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0));
}

/** The pieces that begin with `text`, and those that `text` begins with. */
function* agreeing(pieces: readonly Piece[], text: string): Generator<Piece> {
  for (let at = firstFrom(pieces, text); pieces[at]?.bytes.startsWith(text); at++) yield pieces[at];
  for (let length = 1; length < text.length; length++) {
    const start = text.slice(0, length);
    for (let at = firstFrom(pieces, start); pieces[at]?.bytes === start; at++) yield pieces[at];
  }
}

/** The index of the first piece that does not sort before `text`. */
function firstFrom(pieces: readonly Piece[], text: string): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].bytes < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
