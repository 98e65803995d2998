// A Hugging Face folder (config.json, model.safetensors or its shards, tokenizer.json) as a checkpoint with GGUF's
// names, metadata and layouts: q and k rows of a Llama are interleaved, and vectors come as f32.

import { basename, join } from "node:path";
import { blocks, type StorageType, storedBytes } from "../graph/storage";
import {
  type Checkpoint,
  CheckpointError,
  type Description,
  expectRange,
  type MetadataValue,
  quote,
  type TensorInfo,
} from "./checkpoint";
import { dequantize } from "./dequantize";
import { exists, readText } from "./file";
import { type FolderConfig, ggufName, readConfig } from "./huggingface";
import { huggingFaceRow, type Typed } from "./huggingfaceRope";
import { isAny, isObject, isText, type JsonReader, parseJson, shown } from "./json";
import { openSafetensors, type SafeTensor, type SafetensorsFile, storageOf } from "./safetensorsFile";

/** Bytes [from, from + length) of a tensor. */
type Read = (from: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

type FolderTensor = TensorInfo & { read: Read };

/** Opens the folder at `path`. Throws CheckpointError. */
export async function openFolder(path: string): Promise<Checkpoint> {
  const json = await configOf(path);
  const config = readConfig(join(path, "config.json"), json, await readJson(path, "generation_config.json"));
  const typed = new Map<string, Typed>([
    ["general.name", [basename(path), "string"]],
    ...config.metadata,
    ...(await tokenizerMetadata(path)),
  ]);
  const tokenizer = join(path, "tokenizer.json");
  const tokenizerJson = (await exists(tokenizer)) ? await readText(tokenizer, 2 ** 26) : undefined;
  const index = await readJson(path, "model.safetensors.index.json");
  const { files, close } = await openFiles(path, index);
  try {
    const tensors = tensorsOf(files, config);
    expectAll(index, files);
    return {
      path,
      metadata: new Map([...typed].map(([key, [value]]) => [key, value])),
      metadataTypes: new Map([...typed].map(([key, [, type]]) => [key, type])),
      tensors,
      tokenizerJson,
      async read(name, from, length) {
        const tensor = tensors.get(name);
        expectRange(path, tensor, name, from, length);
        return tensor.read(from, length);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Describes the folder at `path`; one that the engine cannot load by its config.json's own keys and its files' own tensors.
 * Throws CheckpointError where it is not a model.
 */
export async function describeFolder(path: string): Promise<Description> {
  try {
    const { metadata, tensors, close } = await openFolder(path);
    await close();
    return { path, metadata, tensors: [...tensors.values()] };
  } catch (refusal) {
    if (!(refusal instanceof CheckpointError)) throw refusal;
    const config = await configOf(path);
    const { files, close } = await openFiles(path, await readJson(path, "model.safetensors.index.json"));
    await close();
    const tensors = files.flatMap(({ tensors }) => tensors.map(asStored));
    return { path, metadata: new Map(config.entries(isAny, "").flatMap(asMetadata)), tensors, refusal };
  }
}

const asStored = ({ name, dtype, shape, start, end }: SafeTensor) => ({
  name,
  type: dtype.toLowerCase(),
  shape,
  bytes: end - start,
});

/** A field of config.json; those of an object have its name before theirs, and nulls are missing. */
function asMetadata([key, value]: [string, unknown]): [string, MetadataValue][] {
  if (isObject(value)) return Object.entries(value).flatMap(([inner, value]) => asMetadata([`${key}.${inner}`, value]));
  if (Array.isArray(value))
    return [[key, value.map((item) => (isObject(item) ? shown(item) : item)) as MetadataValue[]]];
  return value === null ? [] : [[key, value as MetadataValue]];
}

async function configOf(path: string): Promise<JsonReader> {
  const json = await readJson(path, "config.json");
  if (json) return json;
  throw new CheckpointError(
    `${path} holds no config.json; expected a GGUF file, or a folder with config.json, model.safetensors and tokenizer.json`,
  );
}

/** Opens all files that hold weights. */
async function openFiles(path: string, index: JsonReader | undefined) {
  const files: SafetensorsFile[] = [];
  const close = async () => void (await Promise.all(files.map(({ file }) => file.close())));
  try {
    for (const name of weightFiles(index)) files.push(await openSafetensors(join(path, name)));
    return { files, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readJson(folder: string, name: string): Promise<JsonReader | undefined> {
  const path = join(folder, name);
  return (await exists(path)) ? parseJson(path, await readText(path, 2 ** 24)) : undefined;
}

async function tokenizerMetadata(folder: string): Promise<[string, Typed][]> {
  const config = await readJson(folder, "tokenizer_config.json");
  const addBos = config?.flag("add_bos_token");
  const template = config?.get("chat_template"); // or a list of several, by name
  const metadata: [string, Typed][] = [];
  if (addBos !== undefined) metadata.push(["tokenizer.ggml.add_bos_token", [addBos, "bool"]]);
  if (typeof template === "string") metadata.push(["tokenizer.chat_template", [template, "string"]]);
  return metadata;
}

function weightFiles(index: JsonReader | undefined): string[] {
  if (!index) return ["model.safetensors"];
  const names = new Set(weightMap(index).map(([, file]) => file));
  for (const name of names)
    if (name !== basename(name) || !name.endsWith(".safetensors"))
      throw index.refuse(`weight_map names the file ${quote(name)}; expected safetensors files of the same folder`);
  return [...names];
}

function expectAll(index: JsonReader | undefined, files: readonly SafetensorsFile[]): void {
  const present = new Set(files.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  for (const [name] of index ? weightMap(index) : [])
    if (!present.has(name)) throw index!.refuse(`no file holds the tensor ${quote(name)} of weight_map`);
}

/** Each tensor with the file that holds it. */
function weightMap(index: JsonReader): [string, string][] {
  const map = index.object("weight_map");
  if (!map) throw index.refuse("weight_map is missing");
  return map.entries(isText, "a file's name");
}

function tensorsOf(files: readonly SafetensorsFile[], config: FolderConfig): Map<string, FolderTensor> {
  const tensors = new Map<string, FolderTensor>();
  for (const file of files)
    for (const stored of file.tensors) {
      const name = ggufName(stored.name);
      const where = `${file.file.path}: tensor ${quote(stored.name)}`;
      if (name === undefined) throw new CheckpointError(`${where} is none that this architecture has`);
      if (name === null || (config.tied && name === "output.weight")) continue;
      if (tensors.has(name)) throw new CheckpointError(`${where} is there twice`);
      tensors.set(name, tensorOf(name, stored, file, config, where));
    }
  if (config.ropeFactors) tensors.set("rope_freqs.weight", tensorInMemory("rope_freqs.weight", config.ropeFactors));
  return tensors;
}

function tensorOf(
  name: string,
  stored: SafeTensor,
  { file }: SafetensorsFile,
  { headDim, interleaved }: FolderConfig,
  where: string,
): FolderTensor {
  const type = storageOf(where, stored);
  const { shape, start, end } = stored;
  const bytes = end - start;
  let read: Read = (from, length) => file.read(start + from, length);
  if (interleaved && /\.attn_[qk]\./.test(name)) {
    if (shape[0] % headDim)
      throw new CheckpointError(`${where} has ${shape[0]} rows; expected heads of ${headDim} rows`);
    read = withInterleavedRows(read, bytes / shape[0], headDim);
  }
  if (shape.length === 2) return { name, type, shape, bytes, read };
  return { name, type: "f32", shape, bytes: storedBytes("f32", shape[0]), read: asF32(read, type) };
}

/** Reads a tensor of heads with each head's rows permuted from Hugging Face's order to GGUF's; see huggingFaceRow. */
function withInterleavedRows(read: Read, rowBytes: number, headRows: number): Read {
  const headBytes = rowBytes * headRows;
  return async (from, length) => {
    const first = Math.floor(from / headBytes) * headBytes;
    const end = Math.ceil((from + length) / headBytes) * headBytes;
    const stored = await read(first, end - first);
    const paired = new Uint8Array(stored.length);
    for (let head = 0; head < stored.length; head += headBytes)
      for (let row = 0; row < headRows; row++) {
        const at = head + huggingFaceRow(row, headRows) * rowBytes;
        paired.set(stored.subarray(at, at + rowBytes), head + row * rowBytes);
      }
    return paired.slice(from - first, from - first + length);
  };
}

function asF32(read: Read, type: StorageType): Read {
  const { bytes } = blocks[type];
  return async (from, length) => {
    const first = Math.floor(from / 4);
    const values = new Float32Array(Math.ceil((from + length) / 4) - first);
    dequantize(type, await read(first * bytes, values.length * bytes), values);
    return new Uint8Array(values.buffer).slice(from - first * 4, from - first * 4 + length);
  };
}

function tensorInMemory(name: string, values: Float32Array<ArrayBuffer>): FolderTensor {
  const bytes = new Uint8Array(values.buffer);
  const read: Read = async (from, length) => bytes.slice(from, from + length);
  return { name, type: "f32", shape: [values.length], bytes: bytes.length, read };
}
