// One safetensors file (github.com/huggingface/safetensors): a length, a JSON table, the tensors with no gap between.

import { type StorageType, storedBytes } from "../graph/storage";
import { type Shape, sizeOf } from "../graph/tensor";
import { CheckpointError, quote } from "./checkpoint";
import { type OpenFile, openFile } from "./file";
import { isAny, type JsonReader, jsonReader, parseJson, shown } from "./json";

/** An open file with its table. */
export interface SafetensorsFile {
  file: OpenFile;
  /** The file's `__metadata__`. */
  metadata?: JsonReader;
  tensors: SafeTensor[];
}

/** A tensor of the table, which may have any type and shape. */
export interface SafeTensor {
  name: string;
  /** "F32", "BF16", … */
  dtype: string;
  shape: Shape;
  /** The range of the file's bytes that holds the tensor. */
  start: number;
  end: number;
}

const longestTable = 2 ** 24;

/** Opens the file and reads its table. Throws CheckpointError. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openFile(path);
  try {
    return { file, ...(await readTable(file)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readTable({ path, size, read }: OpenFile): Promise<Omit<SafetensorsFile, "file">> {
  if (size < 8) throw new CheckpointError(`${path} is not a safetensors file: it has ${size} bytes`);
  const length = Number(new DataView((await read(0, 8)).buffer).getBigUint64(0, true));
  if (length > Math.min(longestTable, size - 8))
    throw new CheckpointError(
      `${path} is cut off or not a safetensors file: its table would take ${length} bytes of ${size}; expected at most ${longestTable}`,
    );
  const table = parseJson(path, Buffer.from((await read(8, length)).buffer).toString());
  const tensors = table
    .entries(isAny, "")
    .flatMap(([name, entry]) => (name === "__metadata__" ? [] : parseTensor(path, name, entry, 8 + length)));
  let expected = 8 + length;
  for (const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start)) {
    if (start !== expected)
      throw new CheckpointError(
        `${path}: tensor ${quote(name)} starts at byte ${start}; expected ${expected}, where the one before ends`,
      );
    expected = end;
  }
  if (expected !== size)
    throw new CheckpointError(
      `${path} is cut off or damaged: its tensors end at byte ${expected}, the file has ${size}`,
    );
  return { metadata: table.object("__metadata__"), tensors };
}

const types = new Map<string, StorageType>([
  ["F32", "f32"],
  ["F16", "f16"],
  ["BF16", "bf16"],
]);

/** The storage type of a weight. Throws CheckpointError where it is not a matrix or vector of a supported type. */
export function storageOf(where: string, { dtype, shape, start, end }: SafeTensor): StorageType {
  const type = types.get(dtype);
  if (!type)
    throw new CheckpointError(`${where} is stored as ${quote(dtype)}; supported are ${[...types.keys()].join(", ")}`);
  if (shape.length < 1 || shape.length > 2 || shape.includes(0))
    throw new CheckpointError(`${where} has the shape (${shape.join(", ")}); expected one or two sizes of at least 1`);
  const bytes = storedBytes(type, sizeOf(shape));
  if (end - start !== bytes)
    throw new CheckpointError(
      `${where} has ${end - start} bytes; expected ${bytes} for (${shape.join(", ")}) as ${dtype}`,
    );
  return type;
}

function parseTensor(path: string, name: string, entry: unknown, dataStart: number): SafeTensor {
  const where = `${path}: tensor ${quote(name)}`;
  const reader = jsonReader(where, entry);
  const dtype = reader.text("dtype");
  if (dtype === undefined) throw reader.refuse("dtype is missing");
  const [shape, offsets] = [reader.list("shape"), reader.list("data_offsets")];
  if (!shape.every(isSize)) throw reader.refuse(`the shape should be sizes, but is ${shown(shape)}`);
  if (!offsets.every(isSize) || offsets.length !== 2 || offsets[0] > offsets[1])
    throw reader.refuse(`data_offsets should be a start and an end, but is ${shown(offsets)}`);
  const [start, end] = offsets.map((offset) => dataStart + offset);
  return { name, dtype, shape, start, end };
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
