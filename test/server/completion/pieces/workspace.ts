// An index of a few files in memory, and carets in them.
import { languageOf } from "../../../../engine";
import type { PieceSources } from "../../../../server/completion/pieces/choose";
import type { CaretText } from "../../../../server/completion/types";
import { type ChunkIndex, createChunkIndex } from "../../../../server/workspace/index/chunkIndex";
import { plainOutline } from "../../../../server/workspace/index/outline";
import { at } from "../place";

export const options = {
  switches: { similar: true, declarations: true, edits: true, after: true },
  fillsInMiddle: true,
};

export interface Workspace extends Pick<PieceSources, "index"> {
  set(path: string, text: string): void;
  delete(path: string): void;
}

export const uriOf = (path: string) => `file:///${path}`;

export function workspaceOf(files: Record<string, string>): Workspace {
  const index: ChunkIndex = createChunkIndex();
  const set = (path: string, text: string) =>
    index.set({ uri: uriOf(path), path, languageId: languageOf(path)!, text }, plainOutline(text));
  for (const [path, text] of Object.entries(files)) set(path, text);
  return {
    set,
    delete: (path) => index.delete(uriOf(path)),
    index: {
      search: async (query, limit) => index.search(query, limit),
      declarations: async (names, except) => index.declarations(names, except),
      passage: async (uri, range) => index.passage(uri, range),
    },
  };
}

/** `|` is the caret. */
export const caretIn = (path: string, text: string): CaretText => ({
  ...at(text, languageOf(path)),
  uri: uriOf(path),
  path,
});
