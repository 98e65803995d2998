// A checkpoint, whatever its format: metadata and tensors with GGUF's names and layouts. GGUF files and Hugging Face
// folders are both opened as this.

import type { StorageType } from "../graph/storage";
import type { Shape } from "../graph/tensor";

/** Integers that a number cannot hold exactly are bigints. */
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
  /** Outermost dimension first: a linear layer's weight is (outputs, inputs). A row is a whole number of blocks. */
  shape: Shape;
  bytes: number;
}

/** The description of a checkpoint, without the tensors' values. */
export interface Description {
  path: string;
  metadata: ReadonlyMap<string, MetadataValue>;
  /** `bytes` is unknown where the storage type is. */
  tensors: { name: string; type: string; shape: Shape; bytes?: number }[];
  /** Why it cannot be loaded. Of a folder that cannot be opened, names, metadata and layouts are its files' own. */
  refusal?: Error;
}

/** An open checkpoint. It must be closed. */
export interface Checkpoint {
  path: string;
  /** By GGUF's keys, such as `general.architecture`, `llama.block_count`, `tokenizer.ggml.tokens`. */
  metadata: ReadonlyMap<string, MetadataValue>;
  /** The GGUF type of each value, with which it can be written again as it was. */
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

/** A file cannot be used. The message, for the user, names the file, what was expected and what came. */
export class CheckpointError extends Error {
  override name = "CheckpointError";
}

/** Throws CheckpointError where there is no such tensor, RangeError where it does not have these bytes. */
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

/** Quotes a text from a file for a message: at most 80 characters, and printable. */
export const quote = (text: string): string =>
  printable(JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text));

/** Replaces characters that could end the line, control a terminal or change the direction of text. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
