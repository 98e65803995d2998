// A path → the checkpoint that is there.

import { stat } from "node:fs/promises";
import type { Checkpoint } from "./checkpoint";
import { openGguf } from "./gguf";
import { openFolder } from "./safetensors";

/** Opens a GGUF file (any part of one) or a Hugging Face folder. Throws CheckpointError where it is neither. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const isFolder = await stat(path)
    .then((found) => found.isDirectory())
    .catch(() => false);
  return isFolder ? openFolder(path) : openGguf(path);
}
