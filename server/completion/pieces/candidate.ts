// Makes context pieces of chunks of the index.
import type { PieceSource } from "../../../protocol";
import type { Chunk } from "../../workspace/index/types";
import type { ContextPiece } from "../types";

/** What a source says of a chunk that it found. */
export interface Found {
  chunk: Chunk;
  why: string;
  score: number;
}

/** Runs a source, and makes pieces of what it finds. */
export async function piecesOf(source: PieceSource, find: () => Promise<Found[]>): Promise<ContextPiece[]> {
  const started = performance.now();
  const found = await find();
  const milliseconds = performance.now() - started;
  return found.map(({ chunk: { uri, path, languageId, firstLine, text }, why, score }) => ({
    choice: { source, why, score, milliseconds },
    ...{ uri, path, languageId, firstLine, text },
    lastLine: firstLine + text.split("\n").length - 1, // a chunk's text goes on below the lines that were compared
  }));
}
