// The head of a GGUF file: metadata and the table of tensors (docs/gguf.md in ggml-org/ggml). Nothing in it is trusted:
// every count and length is checked against the file's size before memory is allocated for it.

import { blocks, type StorageType, storedBytes } from "../graph/storage";
import { sizeOf } from "../graph/tensor";
import {
  CheckpointError,
  type MetadataType,
  type MetadataValue,
  quote,
  type ScalarType,
  type TensorInfo,
} from "./checkpoint";
import { arrayCode, defaultAlignment, foreignTypes, magic, scalars, storageCodes, stringCode } from "./ggufFormat";

/** What a GGUF file holds before its tensors' values. */
export interface GgufHeader {
  metadata: Map<string, MetadataValue>;
  metadataTypes: Map<string, MetadataType>;
  tensors: GgufTensor[];
  /** Tensors of storage types that the engine does not support. */
  foreign: ForeignTensor[];
}

export interface ForeignTensor {
  name: string;
  type: string;
  shape: number[];
  /** The error to throw when the model is to be loaded. */
  refusal: CheckpointError;
}

export interface GgufTensor extends TensorInfo {
  /** The byte of the file at which the tensor starts. */
  start: number;
}

/** More bytes of the file must be read to parse the header. */
export class MoreNeeded extends Error {}

// Far above any real model's, and low enough that a hostile file cannot fill the memory.
const maxPairs = 65_536;
const maxTensors = 65_536;
const maxListed = 4_000_000;
const maxNameBytes = 65_535;

/** Parses the first `bytes` of a file of `size` bytes. Throws CheckpointError, or MoreNeeded where they are too few. */
export function parseHeader(bytes: Buffer, path: string, size: number): GgufHeader {
  if (!size) throw new CheckpointError(`${path} is empty; expected a GGUF file. Download or copy it again`);
  const start = bytes.toString("latin1", 0, 4);
  if (start !== magic) throw new CheckpointError(`${path} is not a GGUF file: it starts with ${quote(start)}`);
  const cursor = new Cursor(bytes, path, size);
  cursor.take(4);
  const version = cursor.u32();
  if (version === 0x02000000 || version === 0x03000000)
    throw new CheckpointError(`${path} is a big-endian GGUF file; supported are little-endian ones`);
  if (version !== 2 && version !== 3)
    throw new CheckpointError(`${path} is GGUF version ${version}; supported are versions 2 and 3`);
  const tensorCount = cursor.count("tensors", maxTensors, 24);
  const pairCount = cursor.count("metadata values", maxPairs, 13);
  const { metadata, metadataTypes } = parseMetadata(cursor, pairCount);
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment !== "number" || !(alignment >= 8 && alignment <= 65_536) || Math.log2(alignment) % 1)
    throw new CheckpointError(
      `${path}: general.alignment should be a power of two from 8 to 65536, but is ${quote(String(alignment))}`,
    );
  const { tensors, foreign } = parseTensors(cursor, tensorCount, alignment);
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  for (const tensor of tensors) tensor.start += dataStart;
  expectApart(path, size, tensors);
  return { metadata, metadataTypes, tensors, foreign };
}

function parseMetadata(cursor: Cursor, pairs: number): Pick<GgufHeader, "metadata" | "metadataTypes"> {
  const metadata = new Map<string, MetadataValue>();
  const metadataTypes = new Map<string, MetadataType>();
  let listed = 0;
  for (let i = 0; i < pairs; i++) {
    const key = cursor.string(maxNameBytes, "a metadata key");
    if (metadata.has(key)) throw new CheckpointError(`${cursor.path} holds the metadata key ${quote(key)} twice`);
    const outer = cursor.u32();
    const isList = outer === arrayCode;
    const code = isList ? cursor.u32() : outer;
    const type = scalarTypes.get(code);
    if (!type)
      throw new CheckpointError(
        isList && code === arrayCode
          ? `${cursor.path}: metadata ${quote(key)} is a list of lists; expected plain values`
          : `${cursor.path}: metadata ${quote(key)} has a value of type ${code}; GGUF's types are 0 to 12`,
      );
    metadataTypes.set(key, isList ? `${type}[]` : type);
    if (!isList) {
      metadata.set(key, cursor.value(type, key));
      continue;
    }
    const count = cursor.count(
      `values in ${quote(key)}`,
      maxListed - listed,
      type === "string" ? 8 : scalars[type].bytes,
    );
    listed += count;
    const values: MetadataValue[] = [];
    for (let n = 0; n < count; n++) values.push(cursor.value(type, key));
    metadata.set(key, values);
  }
  return { metadata, metadataTypes };
}

/** The table of tensors, whose `start` counts from the first byte of the data. */
function parseTensors(cursor: Cursor, count: number, alignment: number): Pick<GgufHeader, "tensors" | "foreign"> {
  const tensors: GgufTensor[] = [];
  const foreign: ForeignTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = cursor.string(maxNameBytes, "a tensor's name");
    const refuse = (what: string) => new CheckpointError(`${cursor.path}: tensor ${quote(name)} ${what}`);
    if (names.has(name)) throw refuse("is there twice");
    names.add(name);
    const rank = cursor.u32();
    if (rank < 1 || rank > 4) throw refuse(`has ${rank} dimensions; expected 1 to 4`);
    const shape: number[] = [];
    for (let d = 0; d < rank; d++) shape.unshift(Number(cursor.u64()));
    if (shape.includes(0) || sizeOf(shape) > Number.MAX_SAFE_INTEGER)
      throw refuse(`has the shape (${shape.join(", ")}); expected sizes of at least 1 that the file can hold`);
    const code = cursor.u32();
    const type = storageTypes.get(code);
    const start = Number(cursor.u64());
    if (!type) {
      const other = foreignTypes[code] ?? `type ${code}`;
      const refusal = refuse(
        `is stored as ${other}; supported are ${supportedTypes}. Choose another file of this model`,
      );
      foreign.push({ name, type: other.toLowerCase(), shape, refusal });
      continue;
    }
    const columns = shape[rank - 1];
    if (columns % blocks[type].values)
      throw refuse(
        `has rows of ${columns} values; ${type.toUpperCase()} stores them in blocks of ${blocks[type].values}`,
      );
    if (start % alignment)
      throw refuse(`starts at byte ${start} of the data; expected a multiple of the alignment, ${alignment}`);
    tensors.push({ name, type, shape, bytes: storedBytes(type, sizeOf(shape)), start });
  }
  return { tensors, foreign };
}

/** Tensors lie within the file and share no byte. */
function expectApart(path: string, size: number, tensors: readonly GgufTensor[]): void {
  let last: GgufTensor | undefined;
  for (const tensor of [...tensors].sort((a, b) => a.start - b.start)) {
    const end = tensor.start + tensor.bytes;
    if (end > size)
      throw new CheckpointError(
        `${path} is cut off or damaged: tensor ${quote(tensor.name)} should end at byte ${end}, the file has ${size}`,
      );
    if (last && last.start + last.bytes > tensor.start)
      throw new CheckpointError(`${path}: the tensors ${quote(last.name)} and ${quote(tensor.name)} overlap`);
    last = tensor;
  }
}

const scalarTypes = new Map<number, ScalarType>([[stringCode, "string"]]);
for (const [type, { code }] of Object.entries(scalars)) scalarTypes.set(code, type as ScalarType);

const storageTypes = new Map(Object.entries(storageCodes).map(([type, code]) => [code, type as StorageType]));
const supportedTypes = Object.keys(storageCodes).join(", ").toUpperCase();

/** Reads on through the bytes, never past them. */
class Cursor {
  at = 0;
  constructor(
    readonly bytes: Buffer,
    readonly path: string,
    readonly size: number,
  ) {}

  /** Moves on by `length` bytes; returns where they start. */
  take(length: number): number {
    const start = this.at;
    const end = start + length;
    if (end > this.size)
      throw new CheckpointError(
        `${this.path} is cut off or damaged: its header reaches byte ${end}, the file has ${this.size}`,
      );
    if (end > this.bytes.length) throw new MoreNeeded();
    this.at = end;
    return start;
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.take(8));
  }

  /** How many of something follow, `minBytes` bytes each or more. */
  count(what: string, max: number, minBytes: number): number {
    const count = Number(this.u64());
    if (count > max) throw new CheckpointError(`${this.path} claims ${count} ${what}; expected at most ${max}`);
    if (count * minBytes > this.size - this.at)
      throw new CheckpointError(
        `${this.path} is cut off or damaged: it claims ${count} ${what}, and ${this.size - this.at} bytes follow`,
      );
    return count;
  }

  string(max: number, what: string): string {
    const length = Number(this.u64());
    if (length > max) throw new CheckpointError(`${this.path}: ${what} has ${length} bytes; expected at most ${max}`);
    const start = this.take(length);
    return this.bytes.toString("utf8", start, this.at);
  }

  value(type: ScalarType, key: string): MetadataValue {
    if (type === "string") return this.string(this.size, `a text in ${quote(key)}`);
    return scalars[type].read(this.bytes, this.take(scalars[type].bytes));
  }
}
