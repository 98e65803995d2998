// Keeps the pieces that were chosen while one types near the place where they were: every change of them makes the model read
// the whole prompt again.
import { setTimeout as after } from "node:timers/promises";
import type { CaretText, ContextPiece } from "../types";
import { type ChooseOptions, choosePieces, findPieces, type PieceSources, select } from "./choose";

export interface Pieces {
  /** For a completion, which does not wait for longer than a search takes. */
  at(source: CaretText, options: ChooseOptions): Promise<readonly ContextPiece[]>;
  /** The caret rests: chooses anew, and keeps what was chosen near if it is about as good. */
  rest(source: CaretText, options: ChooseOptions): Promise<readonly ContextPiece[]>;
  /** What was chosen no longer holds. */
  clear(): void;
}

interface Kept {
  uri: string;
  /** The last line for which they were used. */
  line: number;
  pieces: readonly ContextPiece[];
}

/** In lines. */
const near = 16;
/** How many times better others have to be. */
const better = 1.25;
/** Milliseconds that a completion waits for a choice. */
const longestWait = 25;

/** `sources` is undefined until there is an index. */
export function createPieces(sources: () => PieceSources | undefined): Pieces {
  let kept: Kept | undefined;
  const isNear = ({ uri, line }: CaretText) => kept?.uri === uri && Math.abs(kept.line - line) <= near;

  function keep({ uri, line }: CaretText, pieces: readonly ContextPiece[]) {
    kept = { uri, line, pieces };
    return pieces;
  }

  /** Without the editor's language services, which take longer. */
  async function choose(source: CaretText, options: ChooseOptions): Promise<readonly ContextPiece[]> {
    const all = sources();
    if (!all) return [];
    return keep(source, await choosePieces(source, { ...all, definitions: undefined }, options));
  }

  return {
    async at(source, options) {
      if (isNear(source)) return keep(source, kept!.pieces);
      const last = kept?.uri === source.uri ? kept.pieces : [];
      return Promise.race([choose(source, options), after(longestWait, last)]);
    },
    async rest(source, options) {
      const all = sources();
      if (!all) return [];
      const found = await findPieces(source, all, options);
      const pieces = select(found, source);
      if (isNear(source) && worth(pieces) <= better * worthNow(kept!.pieces, found)) {
        const last = kept!.pieces;
        const stale = await Promise.all(last.map((piece) => isStale(piece, all.index)));
        if (!stale.includes(true)) return keep(source, last);
      }
      return keep(source, pieces);
    },
    clear() {
      kept = undefined;
    },
  };
}

const worth = (pieces: readonly ContextPiece[]) => pieces.reduce((sum, { choice }) => sum + choice.score, 0);

/** What pieces that were chosen elsewhere are worth here: those that are not found here nothing. */
const worthNow = (pieces: readonly ContextPiece[], found: readonly ContextPiece[]) =>
  worth(found.filter((one) => pieces.some((piece) => piece.uri === one.uri && piece.firstLine === one.firstLine)));

/** Whether its file has changed there, or is gone. */
async function isStale({ choice, uri, text, ...range }: ContextPiece, index: PieceSources["index"]): Promise<boolean> {
  return choice.source !== "after" && (await index.passage(uri, range))?.text !== text;
}
