// A workspace's folder on the disk, and an index that follows it.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createIndexer, type IndexerOptions } from "../../../../server/workspace/index/indexer";
import type { IndexStatus, WorkspaceIndex } from "../../../../server/workspace/index/types";
import { canonical, uriIn } from "../../../../server/workspace/index/uris";

export interface TestFolder {
  root: string;
  uri: string;
  uriOf(path: string): string;
  write(path: string, text: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** The texts of all files, by their paths. */
  texts(): Promise<Map<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function makeFolder(files: Record<string, string | Uint8Array> = {}): Promise<TestFolder> {
  const root = await mkdtemp(join(tmpdir(), "index (ü) "));
  const uri = canonical(`file://${root}`);
  const write = async (path: string, text: string | Uint8Array) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return {
    root,
    uri,
    uriOf: (path) => uriIn(uri, path),
    write,
    remove: (path) => rm(join(root, path), { recursive: true }),
    move: (from, to) => rename(join(root, from), join(root, to)),
    async texts() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return new Map(
        await Promise.all(
          paths.map(async (path) => [path.slice(root.length + 1), await readFile(path, "utf8")] as const),
        ),
      );
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

export interface TestIndex extends WorkspaceIndex {
  log: string[];
  statuses: IndexStatus[];
  /** The paths of the files with chunks like the text, the best first. */
  find(text: string, from?: string): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function makeIndex(
  folders: readonly TestFolder[],
  options: Partial<IndexerOptions> & { trusted?: boolean } = {},
) {
  const log: string[] = [];
  const statuses: IndexStatus[] = [];
  const index = createIndexer({
    log: (line) => log.push(line),
    onStatus: (status) => statuses.push(status),
    ...options,
  });
  index.configure({ trusted: options.trusted ?? true, folders: folders.map(({ uri }) => ({ uri, excludes: [] })) });
  return Object.assign(index, {
    log,
    statuses,
    async find(before: string, from = "file:///elsewhere.ts") {
      await index.settled();
      const found = await index.search({ before, uri: from, languageId: "typescript" }, 50);
      return [...new Set(found.map(({ chunk }) => chunk.path))];
    },
    [Symbol.asyncDispose]: () => index.close(),
  }) satisfies TestIndex;
}
