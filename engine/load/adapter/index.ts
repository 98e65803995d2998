// Adapters as files: GGUF, which llama.cpp loads too, and the folders of Hugging Face's peft.

import { folderAt } from "../file";
import type { Adapter, AdapterBase, AdapterSummary } from "./adapter";
import { readGgufAdapter } from "./gguf";
import { describePeftAdapter, readPeftAdapter } from "./peft";

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
  const folder = await folderAt(path);
  return folder === undefined ? readGgufAdapter(path, base) : readPeftAdapter(folder, base);
}

/** Describes what `readAdapter` reads, without the model that it is for. Throws CheckpointError. */
export async function describeAdapter(path: string): Promise<AdapterSummary> {
  const folder = await folderAt(path);
  if (folder !== undefined) return describePeftAdapter(folder);
  const { tensors, ...described } = await readGgufAdapter(path, undefined);
  return {
    ...described,
    layers: [...tensors.keys()].filter((tensor) => tensor.endsWith(".lora_a")).length,
    parameters: [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0),
  };
}
