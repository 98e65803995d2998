// Writes GGUF version 3 (docs/gguf.md in ggml-org/ggml). Tensors are streamed from the source.

import type { FileHandle } from "node:fs/promises";
import { type Checkpoint, CheckpointError, type MetadataType, type MetadataValue, type ScalarType } from "./checkpoint";
import { arrayCode, defaultAlignment, magic, scalars, storageCodes, stringCode } from "./ggufFormat";
import { writeWhole } from "./writeWhole";

/** The parts of a checkpoint that are written. Metadata without a type in `metadataTypes` gets that of `typeOf`. */
export type Writable = Pick<Checkpoint, "metadata" | "metadataTypes" | "tensors" | "read">;

/** Writes `source` to `path`, which may exist. Throws CheckpointError where the system refuses or the disk is full. */
export async function writeGguf(path: string, source: Writable): Promise<void> {
  await writeWhole({ [path]: (file) => writeAll(file, source) });
}

const pieceBytes = 2 ** 22;

async function writeAll(handle: FileHandle, { metadata, metadataTypes, tensors, read }: Writable): Promise<void> {
  const alignment = Number(metadata.get("general.alignment") ?? defaultAlignment);
  const padding = (length: number) => Buffer.alloc((alignment - (length % alignment)) % alignment);
  const header = [Buffer.from(magic), u32(3), u64(tensors.size), u64(metadata.size)];
  for (const [key, value] of metadata)
    header.push(text(key), encoded(value, metadataTypes.get(key) ?? typeOf(key, value)));
  let start = 0;
  for (const { name, type, shape, bytes } of tensors.values()) {
    header.push(text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(storageCodes[type]), u64(start));
    start += bytes + padding(bytes).length;
  }
  const head = Buffer.concat(header);
  await handle.writeFile(Buffer.concat([head, padding(head.length)]));
  for (const { name, bytes } of tensors.values()) {
    for (let from = 0; from < bytes; from += pieceBytes)
      await handle.writeFile(await read(name, from, Math.min(pieceBytes, bytes - from)));
    await handle.writeFile(padding(bytes));
  }
}

/** The type of a value without one: u32 or i32 for integers, f32 for other numbers. Throws CheckpointError. */
function typeOf(key: string, value: MetadataValue): MetadataType {
  if (Array.isArray(value)) return `${scalarTypeOf(key, value)}[]`;
  return scalarTypeOf(key, [value]);
}

function scalarTypeOf(key: string, values: readonly MetadataValue[]): ScalarType {
  const all = (type: string) => values.every((value) => typeof value === type);
  if (all("string")) return "string";
  if (all("boolean")) return "bool";
  const negative = values.some((value) => typeof value !== "string" && Number(value) < 0);
  if (all("bigint")) return negative ? "i64" : "u64";
  if (!all("number")) throw new CheckpointError(`The metadata ${key} mixes kinds of values; expected one kind`);
  if (!values.every(Number.isInteger)) return "f32";
  return negative ? "i32" : "u32";
}

/** Encodes a value, after the code of its type. */
function encoded(value: MetadataValue, type: MetadataType): Buffer {
  const scalar = type.replace("[]", "") as ScalarType;
  const code = u32(scalar === "string" ? stringCode : scalars[scalar].code);
  if (!Array.isArray(value)) return Buffer.concat([code, encodedValues([value], scalar)]);
  return Buffer.concat([u32(arrayCode), code, u64(value.length), encodedValues(value, scalar)]);
}

function encodedValues(values: readonly MetadataValue[], type: ScalarType): Buffer {
  if (type === "string") return Buffer.concat(values.map((value) => text(String(value))));
  const { bytes, write } = scalars[type];
  const buffer = Buffer.alloc(values.length * bytes);
  for (const [i, value] of values.entries()) write(buffer, value as number | bigint | boolean, i * bytes);
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
