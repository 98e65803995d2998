// The last commits of a workspace's git repository, each as its subject and the diffs of the files that may be learned from.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { holdsSecret } from "../workspace/secrets";

export interface Change {
  subject: string;
  /** The subject and the changed hunks, file by file. */
  text: string;
}

const maxCommits = 200;
/** A longer change moves files or is generated, and is left out. */
const maxCharacters = 20_000;

const git = promisify(execFile);

/**
 * The commits of the current branch that changed the folder, the newest first; empty without git or a repository. `folder` is
 * a URI. `isTaken` says whether the file of a path, relative to the folder, may be learned from.
 */
export async function changesIn(folder: string, isTaken: (path: string) => boolean): Promise<Change[]> {
  if (!folder.startsWith("file:")) return [];
  // --relative gives paths relative to the folder. The others switch off what repository and user may have configured.
  const options = ["--relative", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  const form = ["--format=%x00%s", "--patch", "--src-prefix=a/", "--dst-prefix=b/", `--max-count=${maxCommits}`];
  const found = await git("git", ["-C", fileURLToPath(folder), "log", ...options, ...form, "--", "."], {
    maxBuffer: 2 ** 28,
  }).catch(() => undefined);
  return parseLog(found?.stdout ?? "", isTaken);
}

/** `log` is git's output: of each commit a NUL character, the subject, and the diffs of its files. */
export function parseLog(log: string, isTaken: (path: string) => boolean): Change[] {
  const commits = log.split("\0").slice(1);
  return commits.flatMap((commit) => {
    const [title, ...files] = commit.split(/^diff --git .*\n/m);
    const changed = files.flatMap((file) => hunksOf(file.replace(/\n*$/, "\n"), isTaken));
    const subject = title.trim();
    const text = `${subject}\n\n${changed.join("")}`;
    return changed.length && text.length <= maxCharacters && !holdsSecret(text, undefined) ? [{ subject, text }] : [];
  });
}

/** The names and hunks of a file's diff; empty if it has no hunks or the file may not be learned from. */
function hunksOf(file: string, isTaken: (path: string) => boolean): string[] {
  const at = file.search(/^--- /m);
  if (at < 0) return []; // a binary file, or a change of the mode alone
  const path = /^\+\+\+ b\/(.*?)\t?$/m.exec(file)?.[1];
  return path !== undefined && isTaken(path) ? [file.slice(at)] : [];
}
