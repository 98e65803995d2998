// Token healing. A model knows how words go on that it writes itself, not how half of one does that was cut where no token
// of its own ends. So the end of a text is left to it to write again, guided: of all tokens that agree with what is owed
// the most probable one is taken, be it shorter or longer than that.

import type { Tokenizer } from "../text/tokenizer";
import type { Guide } from "./session";

export interface Unfinished {
  ids: number[];
  /** What stands at the text's end and is not in `ids`. */
  owed: string;
}

/** Tokens. */
const mostOwed = 3;

/** A text that is to be gone on from: without the word at its end, and the token before that. */
export function encodeUnfinished(tokenizer: Tokenizer, text: string): Unfinished {
  const ids = tokenizer.encode(text, { continues: true });
  const word = /[\w$]*$/.exec(text)![0].length;
  let [owed, kept] = ["", ids.length];
  while (owed.length <= word && kept > Math.max(1, ids.length - mostOwed))
    owed = Buffer.from(tokenizer.piece(ids[--kept])).toString() + owed;
  return /^\p{ASCII}*$/u.test(owed) && text.endsWith(owed) ? { ids: ids.slice(0, kept), owed } : { ids, owed: "" };
}

/** What makes a model write a text that is owed. */
export interface TextGuide extends Guide {
  readonly text: string;
}

export type GuideTo = (text: string) => TextGuide;

export function createGuides(tokenizer: Tokenizer): GuideTo {
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
