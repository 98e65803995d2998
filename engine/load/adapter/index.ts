// Adapters as files: GGUF, which llama.cpp loads too, and the folders of Hugging Face's peft.

import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Adapter, AdapterBase } from "./adapter";
import { readGgufAdapter } from "./gguf";
import { readPeftAdapter } from "./peft";

export { type Adapter, type AdapterBase, type AdapterTensor, baseOf, expectFits, type Json, mismatch } from "./adapter";
export { type AdapterDescription, describeGgufAdapter, writeGgufAdapter } from "./gguf";
export { type MergedTensor, mergeAdapter } from "./merge";
export { type Marks, marksOf } from "./metadata";
export { writePeftAdapter } from "./peft";

/**
 * Reads a GGUF file, or a folder of peft (or the weights in one). A folder that another program wrote does not say how
 * its model is built and needs `base`. Throws CheckpointError.
 */
export async function readAdapter(path: string, base?: AdapterBase): Promise<Adapter> {
  if (path.endsWith(".safetensors")) return readPeftAdapter(dirname(path), base);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? readPeftAdapter(path, base) : readGgufAdapter(path, base);
}
