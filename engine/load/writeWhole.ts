// Files that appear whole or not at all: they are written beside their places and moved there once all are on disk.

import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { CheckpointError } from "./checkpoint";
import { reasonOf } from "./systemError";

/** Writes the content of the file at its path. */
export type Write = (file: FileHandle) => Promise<void>;

/**
 * Replaces the files at these paths, together. What is there and is no file, such as a pipe or a device, is written to as
 * it is. Throws CheckpointError where the system refuses or the disk is full.
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

/** One name for all attempts, so that what a killed process left is written over and not added to. */
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

/** What the system said about a path, as a sentence; any other error as it is. */
export function unwritable(path: string, error: unknown): unknown {
  if (!isFromSystem(error)) return error;
  return new CheckpointError(`${path} could not be written: ${reasonOf(error)}`);
}

const isFromSystem = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "syscall" in error;
