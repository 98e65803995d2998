// Reads the texts of the files and folders on the command line. Of a folder the same files are chosen as for a lesson in the
// editor.

import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { languageOf } from "../engine";
import { type Candidate, choose, type LeftOutFile } from "../server/workspace/choose";
import { isVendored } from "../server/workspace/fileKinds";
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

async function chosenIn(folder: string, seen: Set<string>): Promise<Chosen> {
  const real = await realpath(folder);
  const { within, gitignores } = await ignoresAbove(real);
  const found: Found = { seen, candidates: [], ignores: [], leftOut: [] };
  await walk(real, "", found);
  const own = found.ignores.map(({ path, text }) => ({ path: posix(join(within, path)), text }));
  const rules: IgnoreRules = { within, gitignores: [...gitignores, ...own], excludes: [] };
  const { taken, leftOut } = await choose(found.candidates, rules);
  return { taken, leftOut: [...found.leftOut, ...leftOut] };
}

/** Whether a file was seen before, so that each is read once. */
function isKnown(path: string, seen: Set<string>): boolean {
  if (seen.has(path)) return true;
  seen.add(path);
  return false;
}

interface Found {
  /** The absolute paths of the files that were found before. */
  seen: Set<string>;
  candidates: Candidate[];
  ignores: { path: string; text: string }[];
  leftOut: LeftOutFile[];
}

/** The folders of version control systems. */
const repositories = new Set([".git", ".hg", ".svn", ".jj"]);

/** Collects all files below `folder` of `root`. Links are not followed, and vendored folders are skipped. */
async function walk(root: string, folder: string, found: Found): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => undefined);
  if (!entries) return void found.leftOut.push({ path: `${folder}/`, reason: "unreadable" });
  for (const entry of entries) {
    const path = posix(join(folder, entry.name));
    const file = join(root, path);
    if (entry.isDirectory()) {
      if (repositories.has(entry.name)) continue;
      if (!isVendored(`${path}/`)) await walk(root, path, found);
      else if (!isKnown(file, found.seen)) found.leftOut.push({ path: `${path}/`, reason: "vendored" });
    } else if (entry.isFile()) {
      if (entry.name === ".gitignore") found.ignores.push({ path, text: await readFile(file, "utf8") });
      if (isKnown(file, found.seen)) continue;
      const { size } = await stat(file);
      found.candidates.push({ path, size, read: () => readFile(file) });
    }
  }
}

/** The folder's path in its repository, and the .gitignore files above it there. */
async function ignoresAbove(folder: string): Promise<Pick<IgnoreRules, "within" | "gitignores">> {
  const root = await repositoryOf(folder);
  const gitignores: { path: string; text: string }[] = [];
  if (root === undefined) return { within: "", gitignores };
  for (let at = folder; at !== root; ) {
    at = dirname(at);
    const text = await readFile(join(at, ".gitignore"), "utf8").catch(() => undefined); // most folders have none
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

const posix = (path: string) => path.split(sep).join("/");

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
