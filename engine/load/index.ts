// Opens the checkpoint at a path, whatever its format.

import type { Checkpoint, Description } from "./checkpoint";
import { folderAt } from "./file";
import { describeGguf, openGguf } from "./gguf";
import { describeFolder, openFolder } from "./safetensors";

/** Opens a GGUF file (any part of one) or a Hugging Face folder (or the weights in one). Throws CheckpointError. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const folder = await folderAt(path);
  return folder === undefined ? openGguf(path) : openFolder(folder);
}

/** Describes the model at `path`, which the engine need not support. Throws CheckpointError where it is not a model. */
export async function describeCheckpoint(path: string): Promise<Description> {
  const folder = await folderAt(path);
  return folder === undefined ? describeGguf(path) : describeFolder(folder);
}
