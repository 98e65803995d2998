// Writes files atomically: to temporary files beside them, which are renamed once all are on disk.

import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { CheckpointError } from "./checkpoint";
import { reasonOf } from "./systemError";

/** Writes a file's content to a path. */
export type Write = (file: FileHandle) => Promise<void>;

/**
 * Replaces the files at these paths together. A pipe or a device is written to directly. Throws CheckpointError where the
 * system refuses or the disk is full.
 */
export async function writeWhole(files: Readonly<Record<string, Write>>): Promise<void> {
  const replaced: string[] = [];
  let path = "";
  try {
    for (path of Object.keys(files)) {
      const whole = await isReplaced(path);
      if (whole) replaced.push(path);
      await writeAt(whole ? partial(path) : path, files[path], whole);
    }
    for (path of replaced) await rename(partial(path), path);
  } catch (error) {
    for (const path of replaced) await rm(partial(path), { force: true });
    throw unwritable(path, error);
  }
}

const isReplaced = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile() || found.isDirectory(), // a folder is refused by the system
    () => true,
  );

/** The temporary name is always the same, so that a file left by a killed process is overwritten. */
const partial = (path: string) => `${path}.partial`;

async function writeAt(path: string, write: Write, sync: boolean): Promise<void> {
  const file = await open(path, "w");
  try {
    await write(file);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/** A system error as a CheckpointError about the path; any other error unchanged. */
export function unwritable(path: string, error: unknown): unknown {
  if (!isFromSystem(error)) return error;
  return new CheckpointError(`${path} could not be written: ${reasonOf(error)}`);
}

const isFromSystem = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "syscall" in error;
