// Files that are read a range at a time. The system's errors become CheckpointErrors with a message for the user.

import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CheckpointError } from "./checkpoint";
import { reasonOf } from "./systemError";

/** A file of fixed size, open until `close`. */
export interface OpenFile {
  path: string;
  size: number;
  /** Exactly bytes [from, from + length). Throws CheckpointError where the file has become shorter. */
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Opens a file. Throws CheckpointError where there is none, or it may not be read. */
export async function openFile(path: string): Promise<OpenFile> {
  // This comes before opening, which would block on a pipe until another process opens it for writing.
  const found = await stat(path).catch((error) => refuse(path, error));
  if (!found.isFile()) throw new CheckpointError(`${path} is ${kindOf(found)}; expected a file`);
  const handle = await open(path, "r").catch((error) => refuse(path, error));
  return {
    path,
    size: found.size,
    async read(from, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle
          .read(bytes, done, length - done, from + done)
          .catch((error) => refuse(path, error));
        if (bytesRead === 0)
          throw new CheckpointError(
            `${path} has become shorter: expected ${length} bytes from ${from} on, got ${done}`,
          );
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** The whole of a small text file, of at most `limit` bytes. Throws CheckpointError. */
export async function readText(path: string, limit: number): Promise<string> {
  const file = await openFile(path);
  try {
    if (file.size > limit)
      throw new CheckpointError(`${path} has ${file.size} bytes; expected at most ${limit} of a file of this kind`);
    return Buffer.from((await file.read(0, file.size)).buffer).toString();
  } finally {
    await file.close();
  }
}

/** Whether there is anything at the path. Throws CheckpointError where the system does not tell. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => (error.code === "ENOENT" || error.code === "ENOTDIR" ? false : refuse(path, error)),
  );
}

/** What kind of file there is, for a message. */
export function kindOf(found: Stats): string {
  if (found.isFile()) return "a file";
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  return "a device";
}

function refuse(path: string, error: NodeJS.ErrnoException): never {
  if (error.code === "ENOENT") throw new CheckpointError(`${path} does not exist`);
  throw new CheckpointError(`${path} cannot be read: ${reasonOf(error)}`);
}

/** The folder at `path`, or around the safetensors file there; undefined where it is another file, or nothing. */
export async function folderAt(path: string): Promise<string | undefined> {
  if (path.endsWith(".safetensors")) return dirname(path);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? path : undefined;
}
