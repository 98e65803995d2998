// Adapters as GGUF files. Those of a LoRA have llama.cpp's format (src/llama-adapter.cpp).

import { basename } from "node:path";
import { sizeOf } from "../../graph/tensor";
import type { Checkpoint } from "../checkpoint";
import { dequantize } from "../dequantize";
import { openGguf } from "../gguf";
import { memoryCheckpoint } from "../memory";
import { quantize } from "../quantize";
import { writeGguf } from "../writeGguf";
import { type Adapter, type AdapterBase, type AdapterTensor, adapterNotModel, expectSound } from "./adapter";
import { metadataOf, parseMetadata } from "./metadata";

export type AdapterDescription = Pick<Adapter, "name" | "kind" | "base" | "metadata">;

/**
 * Reads the file at `path`. Where it does not say how its base is built, as those of llama.cpp's script do not, that is
 * taken to be built as `model`. Throws CheckpointError.
 */
export async function readGgufAdapter(path: string, model: AdapterBase | undefined): Promise<Adapter> {
  const file = await openGguf(path);
  try {
    const { name = basename(path, ".gguf"), ...stated } = parseMetadata(path, file.metadata);
    const unsaid = !Object.keys(stated.base.sizes).length && stated.base.architecture === model?.architecture;
    const base = unsaid ? { ...stated.base, sizes: model.sizes } : stated.base;
    const tensors = new Map<string, AdapterTensor>();
    for (const { name, type, shape, bytes } of file.tensors.values()) {
      const values = new Float32Array(sizeOf(shape));
      dequantize(type, await file.read(name, 0, bytes), values);
      tensors.set(name, { shape, values });
    }
    const [, first] = [...tensors].find(([name]) => name.endsWith(".lora_a")) ?? [];
    const rank = (first?.shape[0] ?? 0) / stated.experts;
    // In llama.cpp, an alpha of 0 or none means a factor of 1.
    const alpha = stated.alpha === 0 ? rank : stated.alpha;
    const adapter = { ...stated, name, base, alpha, rank, tensors };
    expectSound(path, adapter);
    return adapter;
  } finally {
    await file.close();
  }
}

/** Throws CheckpointError where the file at `path`, with this metadata and these tensors, is an adapter and not a model. */
export function expectModel({ path, metadata, tensors }: Pick<Checkpoint, "path" | "metadata" | "tensors">): void {
  if (metadata.get("general.type") !== "adapter") return;
  const stated = parseMetadata(path, metadata);
  const [, first] = [...tensors].find(([name]) => name.endsWith(".lora_a")) ?? [];
  throw adapterNotModel(path, { ...stated, rank: (first?.shape[0] ?? 0) / stated.experts });
}

/** Reads an adapter's description without its tensors. Throws CheckpointError where it is not an adapter. */
export async function describeGgufAdapter(path: string): Promise<AdapterDescription> {
  const file = await openGguf(path);
  try {
    const { name = basename(path, ".gguf"), kind, base, metadata } = parseMetadata(path, file.metadata);
    return { name, kind, base, metadata };
  } finally {
    await file.close();
  }
}

/** Writes an adapter. A LoRA's file can be read by llama.cpp as well. Throws CheckpointError. */
export async function writeGgufAdapter(path: string, adapter: Adapter, type: "f32" | "f16" = "f32"): Promise<void> {
  expectSound(path, adapter);
  const typed = [...metadataOf(adapter)];
  const tensors = [...adapter.tensors].map(([name, { shape, values }]) => ({
    name,
    type,
    shape,
    data: quantize(type, values),
  }));
  const source = memoryCheckpoint(
    typed.map(([key, [value]]) => [key, value]),
    tensors,
    typed.map(([key, [, type]]) => [key, type]),
  );
  await writeGguf(path, source);
}
