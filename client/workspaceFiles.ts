// Lists and reads the files of the workspace for a lesson's plan. It goes through VS Code, since they may not be on a disk.
import { join } from "node:path/posix";
import { RelativePattern, Uri, type WorkspaceFolder, workspace } from "vscode";
import type { LessonSource } from "../protocol";

type Files = Pick<Extract<LessonSource, { kind: "files" }>, "files" | "within" | "ignored">;

/** All files that `files.exclude` and `search.exclude` do not exclude, and the texts of all .gitignore files. */
export async function listFiles(): Promise<Files> {
  const found = await Promise.all((workspace.workspaceFolders ?? []).map((folder) => filesOf(folder)));
  const uris = found.flat();
  const { within, above } = await inRepository();
  const ignores = uris.filter(({ path }) => path.endsWith("/.gitignore"));
  const own = await eachOf(ignores, async (uri) => ({
    folder: join(within, folderOf(pathOf(uri))),
    text: await textOf(uri),
  }));
  return { files: await eachOf(uris, measure), within, ignored: [...above, ...own] };
}

/** If the workspace is one folder inside a repository: its path there, and the .gitignore files of the folders above it. */
async function inRepository(): Promise<{ within: string; above: Files["ignored"] }> {
  const { workspaceFolders: [folder, ...others] = [] } = workspace;
  const parts = folder && !others.length ? folder.uri.path.split("/") : [];
  for (let depth = parts.length; depth > 0; depth--) {
    const at = (depth: number, name: string) => folder.uri.with({ path: [...parts.slice(0, depth), name].join("/") });
    if (!(await isThere(at(depth, ".git")))) continue;
    const depths = parts.map((_, i) => i).slice(depth);
    const above = await eachOf(depths, async (i) => ({
      folder: parts.slice(depth, i).join("/"),
      text: await textOf(at(i, ".gitignore")),
    }));
    return { within: parts.slice(depth).join("/"), above };
  }
  return { within: "", above: [] };
}

const isThere = (uri: Uri) =>
  workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );

/** The file's bytes in base64; null if it cannot be read or is not in the workspace. */
export async function readWorkspaceFile({ uri }: { uri: string }): Promise<string | null> {
  const file = Uri.parse(uri, true);
  if (!workspace.getWorkspaceFolder(file)) return null;
  return workspace.fs.readFile(file).then(
    (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    () => null,
  );
}

async function filesOf(folder: WorkspaceFolder): Promise<Uri[]> {
  const excluded = workspace.getConfiguration("search", folder).get<Record<string, unknown>>("exclude", {});
  const globs = Object.keys(excluded).filter((glob) => excluded[glob] === true);
  const pattern = globs.length > 1 ? `{${globs.join(",")}}` : globs[0];
  return workspace.findFiles(new RelativePattern(folder, "**/*"), pattern); // heeds files.exclude
}

const pathOf = (uri: Uri) => workspace.asRelativePath(uri).replaceAll("\\", "/");

async function measure(uri: Uri): Promise<Files["files"][number]> {
  const { size } = await workspace.fs.stat(uri);
  return { uri: uri.toString(), path: pathOf(uri), size };
}

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

const textOf = async (uri: Uri) => new TextDecoder().decode(await workspace.fs.readFile(uri));

const atOnce = 64;

/** The results for those that do not fail; a broken link fails. */
async function eachOf<A, T>(all: A[], look: (one: A) => Promise<T>): Promise<T[]> {
  const seen: T[] = [];
  for (let from = 0; from < all.length; from += atOnce) {
    const some = await Promise.allSettled(all.slice(from, from + atOnce).map(look));
    for (const one of some) if (one.status === "fulfilled") seen.push(one.value);
  }
  return seen;
}
