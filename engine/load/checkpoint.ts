// What a file of weights is to the rest of the engine, whatever its format: metadata and tensors under GGUF's names
// and layouts. GGUF files and Hugging Face folders both become this.

import type { StorageType } from "../graph/storage";
import type { Shape } from "../graph/tensor";

/** A bigint only where a number cannot hold it. */
export type MetadataValue = string | number | bigint | boolean | MetadataValue[];

/** How GGUF stores a value. */
export type MetadataType = ScalarType | `${ScalarType}[]`;
export type ScalarType =
  | "u8"
  | "i8"
  | "u16"
  | "i16"
  | "u32"
  | "i32"
  | "u64"
  | "i64"
  | "f32"
  | "f64"
  | "bool"
  | "string";

/** A tensor of a checkpoint, without its values. */
export interface TensorInfo {
  name: string;
  type: StorageType;
  /** Outermost first: a linear layer's weight is (outputs, inputs). Rows are whole blocks. */
  shape: Shape;
  bytes: number;
}

/** What a checkpoint says of itself. */
export interface Description {
  path: string;
  metadata: ReadonlyMap<string, MetadataValue>;
  /** `bytes` is unknown where the storage type is. */
  tensors: { name: string; type: string; shape: Shape; bytes?: number }[];
}

/** Weights with what is said of them. Open until `close`. */
export interface Checkpoint {
  path: string;
  /** Under GGUF's keys: `general.architecture`, `llama.block_count`, `tokenizer.ggml.tokens`. */
  metadata: ReadonlyMap<string, MetadataValue>;
  /** How each value is stored, so that it can be written again as it was. */
  metadataTypes: ReadonlyMap<string, MetadataType>;
  tensors: ReadonlyMap<string, TensorInfo>;
  /** The text of `tokenizer.json`, where the tokenizer is not in the metadata. */
  tokenizerJson?: string;
  /**
   * Bytes [from, from + length) of a tensor, in its storage type. The array is the caller's to keep. Throws
   * CheckpointError where there is no such tensor or the file cannot be read, RangeError outside the tensor.
   */
  read(name: string, from: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file that cannot be used. The message is a sentence for the user: the file, what was expected, what came. */
export class CheckpointError extends Error {
  override name = "CheckpointError";
}

/** Throws CheckpointError unless there is the tensor, RangeError unless it has the bytes. */
export function expectRange(
  path: string,
  info: TensorInfo | undefined,
  name: string,
  from: number,
  length: number,
): asserts info {
  if (!info) throw new CheckpointError(`${path} has no tensor ${quote(name)}`);
  const inside = Number.isInteger(from) && Number.isInteger(length) && from >= 0 && length >= 0;
  if (!inside || from + length > info.bytes)
    throw new RangeError(`${path}: tensor ${name} has ${info.bytes} bytes; asked for ${length} from ${from} on`);
}

/** A text out of a file, which may be anything, for a sentence: in quotes, and at most 80 characters of it. */
export const quote = (text: string): string =>
  printable(JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text));

/** Without a character that could end the line, steer a terminal or turn the direction of what is read. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
