// A folder of the workspace on the disk: its files, and which of them its .gitignore files, the settings and their names
// leave out.

import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { join as joinPosix, dirname as parentOf } from "node:path/posix";
import { reasonByName } from "./choose";
import { type Excludes, type IgnoreRules, ignoreTest } from "./ignored";
import type { Reason } from "./reasons";

export interface Folder {
  /** Its absolute path. */
  root: string;
  /**
   * Whether a file or one of the folders that hold it is left out: the outermost of these, and the reason. Paths are relative
   * to the root, with slashes; those of folders end with one.
   */
  leftOut(path: string): Promise<LeftOut | undefined>;
  /**
   * All files below a folder of it, those nearest to the root first. What is left out by name is given with the reason; of a
   * folder that is left out only its own path, with a slash. Links are not followed.
   */
  list(below?: string): AsyncGenerator<{ path: string; reason?: Reason }>;
  /** Reads the .gitignore files of a folder of it, and of those below, again when they are needed. "" is the root. */
  forget(folder: string): void;
}

export interface LeftOut {
  path: string;
  reason: Reason;
}

type Test = ReturnType<typeof ignoreTest>;

export function openFolder(root: string, excludes: readonly Excludes[]): Folder {
  const paths = { has: (path: string) => existsSync(join(root, path)) };
  const rules = new Map<string, Promise<{ rules: IgnoreRules; test: Test }>>();

  /** The rules that hold in a folder: those of the .gitignore files there and above. */
  function rulesIn(folder: string): Promise<{ rules: IgnoreRules; test: Test }> {
    const known = rules.get(folder) ?? readRules(folder);
    rules.set(folder, known);
    return known;
  }

  async function readRules(folder: string) {
    const above = folder === "" ? undefined : await rulesIn(parentOf(folder).replace(/^\.$/, ""));
    const { within, gitignores } = above?.rules ?? (await ignoresAbove(root));
    const text = await textOf(join(root, folder, ".gitignore"));
    if (above && text === undefined) return above;
    const own = text === undefined ? [] : [{ path: joinPosix(within, folder, ".gitignore"), text }];
    const all: IgnoreRules = { within, gitignores: [...gitignores, ...own], excludes };
    return { rules: all, test: ignoreTest(all, paths) };
  }

  async function reasonFor(path: string): Promise<Reason | undefined> {
    const { test } = await rulesIn(parentOf(path).replace(/^\.$/, ""));
    return test(path) ?? reasonByName(path);
  }

  async function leftOut(path: string): Promise<LeftOut | undefined> {
    for (let end = path.indexOf("/") + 1; end > 0 && end < path.length; end = path.indexOf("/", end) + 1) {
      const reason = await reasonFor(path.slice(0, end));
      if (reason) return { path: path.slice(0, end), reason };
    }
    const reason = await reasonFor(path);
    return reason && { path, reason };
  }

  async function* list(below = ""): ReturnType<Folder["list"]> {
    const folders = [below];
    for (const folder of folders) {
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(({ code }) => code as string);
      if (typeof entries === "string") {
        const isGone = folder !== "" && entries === "ENOENT"; // deleted while the others were listed
        if (!isGone) yield { path: `${folder}/`, reason: "unreadable" };
        continue;
      }
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = joinPosix(folder, entry.name);
        if (entry.isDirectory()) {
          if (repositories.has(entry.name)) continue;
          const reason = await reasonFor(`${path}/`);
          if (reason) yield { path: `${path}/`, reason };
          else folders.push(path);
        } else if (entry.isFile()) yield { path, reason: await reasonFor(path) };
      }
    }
  }

  function forget(folder: string) {
    for (const path of rules.keys())
      if (folder === "" || path === folder || path.startsWith(`${folder}/`)) rules.delete(path);
  }

  return { root, leftOut, list, forget };
}

/** The folders of version control systems. */
const repositories = new Set([".git", ".hg", ".svn", ".jj"]);

/** The folder's path in its repository, and the .gitignore files above it there. */
async function ignoresAbove(folder: string): Promise<Pick<IgnoreRules, "within" | "gitignores">> {
  const root = await repositoryOf(folder);
  const gitignores: { path: string; text: string }[] = [];
  if (root === undefined) return { within: "", gitignores };
  for (let at = folder; at !== root; ) {
    at = dirname(at);
    const text = await textOf(join(at, ".gitignore"));
    if (text !== undefined) gitignores.push({ path: posix(relative(root, join(at, ".gitignore"))), text });
  }
  return { within: posix(relative(root, folder)), gitignores };
}

/** The folder that holds `.git`, at or above the one given. */
async function repositoryOf(folder: string): Promise<string | undefined> {
  const isRoot = await stat(join(folder, ".git")).then(
    () => true,
    () => false,
  );
  if (isRoot) return folder;
  return dirname(folder) === folder ? undefined : repositoryOf(dirname(folder));
}

/** Undefined if there is no such file; most folders have no .gitignore. */
const textOf = (file: string) => readFile(file, "utf8").catch(() => undefined);

const posix = (path: string) => path.split(sep).join("/");
