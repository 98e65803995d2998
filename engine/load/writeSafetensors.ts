// Writes a safetensors file (github.com/huggingface/safetensors) of float32 tensors.

import type { FileHandle } from "node:fs/promises";
import type { Shape } from "../graph/tensor";

export interface Float32Tensor {
  shape: Shape;
  values: Float32Array;
}

/** Writes `tensors` as F32, with `__metadata__`. Throws CheckpointError. */
export async function writeSafetensors(
  file: FileHandle,
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Float32Tensor>,
): Promise<void> {
  const table: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    const start = end;
    end += values.byteLength;
    table.push([name, { dtype: "F32", shape, data_offsets: [start, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(table)));
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  await file.writeFile(Buffer.concat([length, json, padding]));
  for (const { values } of tensors.values())
    await file.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
