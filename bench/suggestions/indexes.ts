// The indexes that rankings are compared by: as in the editor, and one that answers with lines from anywhere.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type FolderIndex, indexFolder } from "../../cli/indexFolder";
import { random } from "../../engine/train/random";
import type { Query, Ranked } from "../../server/workspace/index/types";
import type { SourceFile } from "./holes";

/** `none`: nothing of other files; `random`: as many lines of them, drawn by chance; `lexical`: as in the editor. */
export type Ranking = "none" | "random" | "lexical";

export const uriOf = ({ workspace, path }: Pick<SourceFile, "workspace" | "path">): string =>
  pathToFileURL(resolve(workspace, path)).href;

/** `files` are those of one package. */
export async function indexOf(files: readonly SourceFile[], ranking: Ranking): Promise<FolderIndex | undefined> {
  if (ranking === "none") return undefined;
  const { index } = await indexFolder(resolve(files[0].workspace));
  return ranking === "lexical" ? index : randomIndex(files, index);
}

/** What the lexical index finds is replaced by as many lines of any other file, with the same scores. */
function randomIndex(files: readonly SourceFile[], lexical: FolderIndex): FolderIndex {
  function drawn({ uri, before }: Query, { chunk, score }: Ranked, i: number): Ranked {
    const others = files.filter((file) => uriOf(file) !== uri);
    const file = others[Math.floor(random(before.length, i, 0) * others.length)];
    const [lines, length] = [file.text.split("\n"), chunk.text.split("\n").length];
    const firstLine = Math.floor(random(before.length, i, 1) * Math.max(1, lines.length - length));
    const { path, languageId } = file;
    const text = lines.slice(firstLine, firstLine + length).join("\n");
    const lastLine = firstLine + (chunk.lastLine - chunk.firstLine);
    return { chunk: { uri: uriOf(file), path, languageId, firstLine, lastLine, text }, score };
  }
  return {
    search: async (query, limit) => (await lexical.search(query, limit)).map((ranked, i) => drawn(query, ranked, i)),
    declarations: async () => [],
    passage: async () => undefined,
  };
}
