// The files that commands read and write. Unusable paths are refused before any work is done.

import { constants, type Stats } from "node:fs";
import { access, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { kindOf, reasonOf } from "../engine";
import { UsageError } from "./command";
import { log } from "./terminal";

/** The text of a file, without its byte order mark. Throws UsageError if it cannot be read or is not UTF-8 text. */
export async function readText(path: string): Promise<string> {
  // Checked before the file is opened: opening a pipe waits for a writer, and some devices have no end.
  const found = await expectThere(path);
  if (!found.isFile()) throw new UsageError(`${path} is ${kindOf(found)}; expected a file`);
  const decoded = utf8(await readFile(path).catch((error) => refuse(path, error)));
  if (decoded === undefined) throw new UsageError(`${path} is not UTF-8 text`);
  return decoded;
}

/** All of stdin. */
export async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) log("Type or paste the text; Ctrl+D on a line of its own ends it.");
  return text(process.stdin);
}

/** The bytes as text; undefined if they are not UTF-8 text. */
export function utf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Like `stat`, but throws UsageError if there is nothing at `path`. */
export const expectThere = (path: string): Promise<Stats> => stat(path).catch((error) => refuse(path, error));

/** Throws if a file or folder cannot be written at `path`, or if `path` is one of the inputs in `read`. */
export async function expectWritable(
  path: string,
  read: readonly (string | undefined)[],
  what: "file" | "folder" = "file",
): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present && present.isDirectory() !== (what === "folder"))
    throw new UsageError(`${path} is ${kindOf(present)}; expected the name of a ${what} to write`);
  await expectFolder(present?.isDirectory() ? path : dirname(path), path);
  if (!present) return;
  const real = await realpath(path);
  for (const other of read)
    if (other && (await realpath(other).catch(() => undefined)) === real)
      throw new UsageError(`${path} would overwrite the input ${other}; choose another name`);
}

async function expectFolder(folder: string, path: string): Promise<void> {
  const unwritable = (error: NodeJS.ErrnoException) => new Error(`${path} cannot be written: ${reasonOf(error)}`);
  await access(folder, constants.W_OK).catch((error) => Promise.reject(unwritable(error)));
  if (!(await stat(folder)).isDirectory()) throw new Error(`${path} cannot be written: ${folder} is not a folder`);
}

function refuse(path: string, error: NodeJS.ErrnoException): never {
  if (error.code === "ENOENT") throw new UsageError(`${path} does not exist`);
  throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`);
}
