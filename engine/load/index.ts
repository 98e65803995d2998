// Opens the checkpoint at a path, whatever its format.

import { expectModel } from "./adapter/gguf";
import { expectModelFolder } from "./adapter/peft";
import type { Checkpoint, Description } from "./checkpoint";
import { folderAt } from "./file";
import { describeGguf, openGguf } from "./gguf";
import { describeFolder, openFolder } from "./safetensors";

/** Opens a GGUF file (any part of one) or a Hugging Face folder (or the weights in one). Throws CheckpointError, of an adapter too. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const folder = await folderAt(path);
  if (folder !== undefined) {
    await expectModelFolder(folder);
    return openFolder(folder);
  }
  const checkpoint = await openGguf(path);
  try {
    expectModel(checkpoint);
    return checkpoint;
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** Describes the model at `path`, which the engine need not support. Throws CheckpointError where it is not a model. */
export async function describeCheckpoint(path: string): Promise<Description> {
  const folder = await folderAt(path);
  if (folder === undefined) return describeGguf(path);
  await expectModelFolder(folder);
  return describeFolder(folder);
}
