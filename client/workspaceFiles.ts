// The files of the workspace as a lesson's plan needs them, through the editor: they may lie on no disk.
import { RelativePattern, Uri, type WorkspaceFolder, workspace } from "vscode";
import type { LessonSource } from "../protocol";

type Files = Pick<Extract<LessonSource, { kind: "files" }>, "files" | "ignored">;

/** All that `files.exclude` and `search.exclude` let through, and what stands in every .gitignore among them. */
export async function listFiles(): Promise<Files> {
  const found = await Promise.all((workspace.workspaceFolders ?? []).map((folder) => filesOf(folder)));
  const uris = found.flat();
  const ignores = uris.filter(({ path }) => path.endsWith("/.gitignore"));
  return { files: await eachOf(uris, measure), ignored: await eachOf(ignores, rules) };
}

/** Base64; null where it cannot be read. */
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

async function rules(uri: Uri): Promise<Files["ignored"][number]> {
  const path = pathOf(uri);
  const text = new TextDecoder().decode(await workspace.fs.readFile(uri));
  return { folder: path.slice(0, Math.max(0, path.lastIndexOf("/"))), text };
}

const atOnce = 64;

/** Without those that cannot be read, such as a link to nowhere. */
async function eachOf<T>(uris: Uri[], look: (uri: Uri) => Promise<T>): Promise<T[]> {
  const seen: T[] = [];
  for (let from = 0; from < uris.length; from += atOnce) {
    const some = await Promise.allSettled(uris.slice(from, from + atOnce).map(look));
    for (const one of some) if (one.status === "fulfilled") seen.push(one.value);
  }
  return seen;
}
