// Opens the checkpoint at a path, whatever its format.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Checkpoint, Description } from "./checkpoint";
import { describeGguf, openGguf } from "./gguf";
import { openFolder } from "./safetensors";

/** Opens a GGUF file (any part of one) or a Hugging Face folder (or the weights in one). Throws CheckpointError. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const folder = await folderAt(path);
  return folder === undefined ? openGguf(path) : openFolder(folder);
}

/** Describes the model at `path`, which the engine need not support. Throws CheckpointError where it is not a model. */
export async function describeCheckpoint(path: string): Promise<Description> {
  const folder = await folderAt(path);
  if (folder === undefined) return describeGguf(path);
  const { metadata, tensors, close } = await openFolder(folder);
  await close();
  return { path, metadata, tensors: [...tensors.values()] };
}

async function folderAt(path: string): Promise<string | undefined> {
  if (path.endsWith(".safetensors")) return dirname(path);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? path : undefined;
}
