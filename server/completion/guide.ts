// Makes the model's text begin with given characters ("token healing"): of all tokens that agree with what is still to
// come the most probable one is taken, be it shorter or longer than that.
import type { Guide, Tokenizer } from "../../engine";

export type GuideTo = (text: string) => Guide;

export function createGuides(tokenizer: Tokenizer): GuideTo {
  const pieces = sortedPieces(tokenizer);
  return (text) => {
    let left = Buffer.from(text).toString("latin1");
    return {
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
