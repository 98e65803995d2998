// The last changes of a workspace, as git tells them: a subject and what was changed, in files that may be learned from.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { holdsSecret } from "../workspace/secrets";

export interface Change {
  subject: string;
  /** The subject and the changed places, file by file. */
  text: string;
}

const most = 200;
/** A larger one is a move, or generated. */
const mostCharacters = 20_000;

const git = promisify(execFile);

/** Of a folder's branch, the newest first; none where there is no git, or no repository. `isTaken` tells files by path. */
export async function changesIn(folder: string, isTaken: (path: string) => boolean): Promise<Change[]> {
  if (!folder.startsWith("file:")) return [];
  // Relative: paths as the workspace has them. Neither drivers of the repository's nor colours of the user's.
  const options = ["--relative", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  const form = ["--format=%x00%s", "--patch", "--src-prefix=a/", "--dst-prefix=b/", `--max-count=${most}`];
  const found = await git("git", ["-C", fileURLToPath(folder), "log", ...options, ...form, "--", "."], {
    maxBuffer: 2 ** 28,
  }).catch(() => undefined);
  return parseLog(found?.stdout ?? "", isTaken);
}

/** `log` holds a zero before each commit, its subject, and the diffs of its files. */
export function parseLog(log: string, isTaken: (path: string) => boolean): Change[] {
  const commits = log.split("\0").slice(1);
  return commits.flatMap((commit) => {
    const [title, ...files] = commit.split(/^diff --git .*\n/m);
    const changed = files.flatMap((file) => placesOf(file.replace(/\n*$/, "\n"), isTaken));
    const subject = title.trim();
    const text = `${subject}\n\n${changed.join("")}`;
    return changed.length && text.length <= mostCharacters && !holdsSecret(text, undefined) ? [{ subject, text }] : [];
  });
}

/** A file's name and the places that were changed in it, unless it has none, or may not be learned from. */
function placesOf(file: string, isTaken: (path: string) => boolean): string[] {
  const at = file.search(/^--- /m);
  if (at < 0) return []; // binary, or only its mode was changed
  const path = /^\+\+\+ b\/(.*?)\t?$/m.exec(file)?.[1];
  return path !== undefined && isTaken(path) ? [file.slice(at)] : [];
}
