// GGUF files, of one part or of several (docs/gguf.md in ggml-org/ggml; `name-00001-of-00003.gguf` as llama.cpp's
// gguf-split writes them). Opening reads the header alone; tensors are read when asked for.

import { type Checkpoint, CheckpointError, type Description, expectRange, quote } from "./checkpoint";
import { type OpenFile, openFile } from "./file";
import { type GgufHeader, type GgufTensor, MoreNeeded, parseHeader } from "./ggufHeader";

interface Part extends GgufHeader {
  file: OpenFile;
}

/** Opens a GGUF file; of one in several parts, any part opens all. Throws CheckpointError. */
export async function openGguf(path: string): Promise<Checkpoint> {
  const { foreign, ...checkpoint } = await openParts(path);
  if (!foreign.length) return checkpoint;
  await checkpoint.close();
  throw foreign[0].refusal;
}

/**
 * Reads a GGUF file's description. Its tensors may have types that the engine does not support. Throws CheckpointError.
 */
export async function describeGguf(path: string): Promise<Description> {
  const { metadata, tensors, foreign, close } = await openParts(path);
  await close();
  return { path, metadata, tensors: [...tensors.values(), ...foreign], refusal: foreign[0]?.refusal };
}

async function openParts(path: string): Promise<Checkpoint & Pick<GgufHeader, "foreign">> {
  const parts = [await openPart(path)];
  const close = async () => void (await Promise.all(parts.map(({ file }) => file.close())));
  try {
    for (const name of otherParts(parts[0])) parts.push(await openPart(name));
    return { ...join(path, parts), foreign: parts.flatMap(({ foreign }) => foreign), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function otherParts({ file: { path }, metadata }: Part): string[] {
  const count = metadata.get("split.count") ?? 1;
  if (count === 1) return [];
  const [, before, , after, total] = /^(.*-)(\d{5})(-of-(\d{5})\.gguf)$/.exec(path) ?? [];
  if (Number(total) !== count)
    throw new CheckpointError(
      `${path} is one of ${count} parts; expected a name that ends like -00001-of-${String(count).padStart(5, "0")}.gguf`,
    );
  const names = Array.from({ length: count }, (_, i) => `${before}${String(i + 1).padStart(5, "0")}${after}`);
  return names.filter((name) => name !== path);
}

function join(path: string, parts: readonly Part[]): Omit<Checkpoint, "close"> {
  const inOrder = parts.length > 1 ? partsInOrder(parts) : parts;
  const { metadata, metadataTypes } = inOrder[0];
  const tensors = new Map<string, GgufTensor & { file: OpenFile }>();
  for (const { file, tensors: table } of inOrder)
    for (const tensor of table) {
      const twin = tensors.get(tensor.name);
      if (twin)
        throw new CheckpointError(`The tensor ${quote(tensor.name)} is in both ${twin.file.path} and ${file.path}`);
      tensors.set(tensor.name, { ...tensor, file });
    }
  const count = inOrder.reduce((sum, { foreign }) => sum + foreign.length, tensors.size);
  const expected = metadata.get("split.tensors.count") ?? count;
  if (count !== expected)
    throw new CheckpointError(`${path}: the parts hold ${count} tensors together; expected ${expected}`);
  // These keys describe the parts, and are wrong once the checkpoint is written as one file.
  for (const key of ["split.no", "split.count", "split.tensors.count"]) {
    metadata.delete(key);
    metadataTypes.delete(key);
  }
  return {
    path,
    metadata,
    metadataTypes,
    tensors,
    async read(name, from, length) {
      const tensor = tensors.get(name);
      expectRange(path, tensor, name, from, length);
      return tensor.file.read(tensor.start + from, length);
    },
  };
}

function partsInOrder(parts: readonly Part[]): Part[] {
  return parts.map((_, index) => {
    const part = parts.find(({ metadata }) => metadata.get("split.no") === index);
    if (!part)
      throw new CheckpointError(
        `${parts[0].file.path}: none of its ${parts.length} parts says that it is number ${index + 1}; they do not belong together`,
      );
    return part;
  });
}

const firstRead = 2 ** 20;
const longestHeader = 2 ** 26;

async function openPart(path: string): Promise<Part> {
  const file = await openFile(path);
  try {
    return { file, ...(await readHeader(file)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads the header, whose length is not known before it is parsed: a little first, and more until it fits. */
async function readHeader({ path, size, read }: OpenFile): Promise<GgufHeader> {
  for (let length = firstRead; length <= longestHeader; length *= 4) {
    const { buffer } = await read(0, Math.min(length, size));
    try {
      return parseHeader(Buffer.from(buffer), path, size);
    } catch (error) {
      if (!(error instanceof MoreNeeded)) throw error;
    }
  }
  throw new CheckpointError(`${path}: the header is longer than ${longestHeader} bytes; expected a model's metadata`);
}
