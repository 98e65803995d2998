// Reads the texts of the files and folders on the command line. Of a folder the same files are chosen as for a lesson in the
// editor.

import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { languageOf } from "../engine";
import { type Candidate, choose, type LeftOutFile } from "../server/workspace/choose";
import { openFolder } from "../server/workspace/folder";
import type { IgnoreRules } from "../server/workspace/ignored";
import { type Reason, sentences } from "../server/workspace/reasons";
import { hasSecretName, holdsSecret } from "../server/workspace/secrets";
import { expectThere, readText } from "./files";
import { log, oneLine } from "./terminal";

export interface Texts {
  /** The path of a file in a folder is relative to that folder; a file on the command line keeps its path. */
  files: { path: string; text: string }[];
  leftOut: LeftOutFile[];
}

/** `learned`: the texts are learned from, so a file that may hold a secret is left out even if it was named itself. */
export async function readTexts(paths: readonly string[], { learned }: { learned: boolean }): Promise<Texts> {
  const texts: Texts = { files: [], leftOut: [] };
  const seen = new Set<string>();
  for (const path of paths) {
    const found = await expectThere(path);
    const { taken, leftOut } = found.isDirectory() ? await chosenIn(path, seen) : await named(path, learned, seen);
    texts.files.push(...taken);
    texts.leftOut.push(...leftOut);
  }
  return texts;
}

type Chosen = { taken: Texts["files"]; leftOut: LeftOutFile[] };

async function named(path: string, learned: boolean, seen: Set<string>): Promise<Chosen> {
  const text = await readText(path);
  if (isKnown(await realpath(path), seen)) return { taken: [], leftOut: [] };
  if (learned && (hasSecretName(path) || holdsSecret(text, languageOf(path))))
    return { taken: [], leftOut: [{ path, reason: "secret" }] };
  return { taken: [{ path, text }], leftOut: [] };
}

async function chosenIn(path: string, seen: Set<string>): Promise<Chosen> {
  const folder = openFolder(await realpath(path), []);
  const candidates: Candidate[] = [];
  const leftOut: LeftOutFile[] = [];
  for await (const { path, reason } of folder.list()) {
    const file = join(folder.root, path);
    if (isKnown(file, seen)) continue;
    if (reason) leftOut.push({ path, reason });
    else candidates.push({ path, size: (await stat(file)).size, read: () => readFile(file) });
  }
  const chosen = await choose(candidates, noRules); // the folder has applied them
  const byPath = (a: LeftOutFile, b: LeftOutFile) => (a.path < b.path ? -1 : 1);
  return { taken: chosen.taken, leftOut: [...leftOut, ...chosen.leftOut].sort(byPath) };
}

const noRules: IgnoreRules = { within: "", gitignores: [], excludes: [] };

/** Whether a file was seen before, so that each is read once. */
function isKnown(path: string, seen: Set<string>): boolean {
  if (seen.has(path)) return true;
  seen.add(path);
  return false;
}

/** The largest number of files that are listed for one reason. */
const maxListed = 40;

export const reportFiles = ({ files, leftOut }: Texts, about = "") =>
  reportChoice(`${files.length} ${files.length === 1 ? "file" : "files"}${about}`, leftOut);

/** Prints on stderr what was taken, how much was left out, and what and why, one line for each reason. */
export function reportChoice(taken: string, leftOut: readonly LeftOutFile[]) {
  log(`${taken}; ${leftOut.length || "none"} left out`);
  const byReason = new Map<Reason, string[]>();
  for (const { path, reason } of leftOut) byReason.set(reason, [...(byReason.get(reason) ?? []), oneLine(path)]);
  for (const [reason, paths] of byReason) {
    const more = paths.length > maxListed ? ` and ${paths.length - maxListed} more` : "";
    log(`  ${sentences[reason].replace(/\.$/, ":")} ${paths.slice(0, maxListed).join(", ")}${more}`);
  }
}
