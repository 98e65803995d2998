// The index of a folder's files in memory, as the editor would have it of a workspace whose files are all on the disk.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { languageOf } from "../engine";
import { createChunkIndex } from "../server/workspace/index/chunkIndex";
import { outlineOf } from "../server/workspace/index/outline";
import type { WorkspaceIndex } from "../server/workspace/index/types";
import { readTexts, type Texts } from "./texts";

export type FolderIndex = Pick<WorkspaceIndex, "search" | "declarations" | "passage">;

/** `folder` is an absolute path. */
export async function indexFolder(folder: string): Promise<{ index: FolderIndex; texts: Texts }> {
  const texts = await readTexts([folder], { learned: false });
  return { index: await indexTexts(folder, texts.files), texts };
}

/** The index of texts as if they were files of a folder, an absolute path. */
export async function indexTexts(folder: string, files: Texts["files"]): Promise<FolderIndex> {
  const chunks = createChunkIndex();
  for (const { path, text } of files) {
    const uri = pathToFileURL(join(folder, path)).href;
    const languageId = languageOf(path) ?? "plaintext";
    chunks.set({ uri, path, languageId, text }, await outlineOf(text, languageId));
  }
  return {
    search: async (query, limit) => chunks.search(query, limit),
    declarations: async (names, except) => chunks.declarations(names, except),
    passage: async (uri, range) => chunks.passage(uri, range),
  };
}
