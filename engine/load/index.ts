// A path → the checkpoint that is there.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Checkpoint } from "./checkpoint";
import { openGguf } from "./gguf";
import { openFolder } from "./safetensors";

/** Opens a GGUF file (any part of one) or a Hugging Face folder (or the weights in one). Throws CheckpointError. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (path.endsWith(".safetensors")) return openFolder(dirname(path));
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? openFolder(path) : openGguf(path);
}
