// The texts that are named on the command line: files, and folders with what is in them.

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { UsageError } from "./command";
import { utf8 } from "./files";

export interface Texts {
  /** With their paths in the folder that was named; a file that was named keeps its own. */
  files: { path: string; text: string }[];
  /** In folders: what is no text, or longer than a person writes. */
  leftOut: string[];
}

const mostBytes = 256 * 1024;

export async function readTexts(paths: readonly string[]): Promise<Texts> {
  const texts: Texts = { files: [], leftOut: [] };
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new UsageError(`there is no ${path}`);
    for (const file of found.isDirectory() ? await filesIn(path) : [path]) {
      const bytes = await readFile(file);
      const text = file !== path && bytes.length > mostBytes ? undefined : utf8(bytes);
      if (text !== undefined) texts.files.push({ path: file === path ? path : within(path, file), text });
      else if (file === path) throw new UsageError(`${path} is no text in UTF-8`);
      else texts.leftOut.push(file);
    }
  }
  return texts;
}

/** In the order of their paths; nothing hidden, and no packages. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

const within = (folder: string, file: string) => relative(folder, file).split(sep).join("/");
