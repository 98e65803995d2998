// Paths of fixtures and of temporary folders.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/"));

/** A file under test/engine. */
export const fixture = (name: string): string => fileURLToPath(`${root}/test/engine/${name}`);

export interface Folder {
  path: string;
  at(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "glassbox-"));
  t.after(() => rm(path, { recursive: true }));
  const at = (name: string) => join(path, name);
  return {
    path,
    at,
    async write(name, content) {
      await writeFile(at(name), content);
      return at(name);
    },
  };
}
