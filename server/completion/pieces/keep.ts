// Keeps the pieces that were chosen for a document, because every change of them makes the model read the whole prompt again:
// while one types near the place for which they were chosen, and elsewhere in the document until others are much better.
import { setTimeout as after } from "node:timers/promises";
import type { CaretText, ContextPiece } from "../types";
import { type ChooseOptions, findPieces, type PieceSources, select } from "./choose";

export interface Pieces {
  /** For a completion, which does not wait for longer than a search takes. */
  at(source: CaretText, options: ChooseOptions): Promise<readonly ContextPiece[]>;
  /** Where the caret rests: the editor's language services have time to answer. */
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
/** Milliseconds that a completion waits for a choice, some times what a search takes. */
const longestWait = 50;

/** `sources` is undefined until there is an index. */
export function createPieces(sources: () => PieceSources | undefined): Pieces {
  let kept: Kept | undefined;
  const keptOf = ({ uri }: CaretText) => (kept?.uri === uri ? kept : undefined);

  function keep({ uri, line }: CaretText, pieces: readonly ContextPiece[]) {
    kept = { uri, line, pieces };
    return pieces;
  }

  async function choose(source: CaretText, options: ChooseOptions, all: PieceSources) {
    const found = await findPieces(source, all, options);
    const pieces = select(found, source);
    const last = keptOf(source)?.pieces ?? [];
    const isBetter = worth(pieces) > better * worthNow(last, found);
    const isStale = await Promise.all(last.map((piece) => hasChanged(piece, all.index)));
    return keep(source, isBetter || isStale.includes(true) ? pieces : last);
  }

  return {
    async at(source, options) {
      const last = keptOf(source);
      if (last?.pieces.length && Math.abs(last.line - source.line) <= near) return keep(source, last.pieces);
      const all = sources();
      if (!all) return [];
      const chosen = choose(source, options, { ...all, definitions: undefined });
      return Promise.race([chosen, after(longestWait, last?.pieces ?? [])]);
    },
    async rest(source, options) {
      const all = sources();
      return all ? choose(source, options, all) : [];
    },
    clear() {
      kept = undefined;
    },
  };
}

const worth = (pieces: readonly ContextPiece[]) => pieces.reduce((sum, { choice }) => sum + choice.score, 0);

/** What pieces that were chosen elsewhere are worth here: nothing, if they are not found here. */
const worthNow = (pieces: readonly ContextPiece[], found: readonly ContextPiece[]) =>
  worth(found.filter((one) => pieces.some((piece) => piece.uri === one.uri && piece.firstLine === one.firstLine)));

/** Whether the file has changed there, or is gone. */
async function hasChanged({ choice, uri, text, ...range }: ContextPiece, index: PieceSources["index"]) {
  return choice.source !== "after" && (await index.passage(uri, range))?.text !== text;
}
