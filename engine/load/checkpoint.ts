// What a file of weights is to the rest of the engine, whatever its format: metadata and tensors under GGUF's names
// and layouts. GGUF files and Hugging Face folders both become this.

import type { StorageType } from "../storage";
import type { Shape } from "../tensor";

export type MetadataValue = string | number | bigint | boolean | MetadataValue[];

export interface TensorInfo {
  name: string;
  type: StorageType;
  /** Outermost first: a linear layer's weight is (outputs, inputs). */
  shape: Shape;
  bytes: number;
}

export interface Checkpoint {
  path: string;
  /** Under GGUF's keys: `general.architecture`, `llama.block_count`, `tokenizer.ggml.tokens`. */
  metadata: ReadonlyMap<string, MetadataValue>;
  tensors: ReadonlyMap<string, TensorInfo>;
  /** Bytes [from, from + length) of a tensor, in its storage type, read from disk now. The result is the caller's. */
  read(name: string, from: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file that cannot be used: the sentence names the file, what was expected and what came. Shown to the user as is. */
export class CheckpointError extends Error {
  override name = "CheckpointError";
}
