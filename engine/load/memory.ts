// A checkpoint in memory, such as random weights or an adapter that is to be written.

import { storedBytes } from "../graph/storage";
import { sizeOf } from "../graph/tensor";
import {
  type Checkpoint,
  CheckpointError,
  expectRange,
  type MetadataType,
  type MetadataValue,
  type TensorInfo,
} from "./checkpoint";

/** A tensor with its stored bytes. */
export interface MemoryTensor extends Omit<TensorInfo, "bytes"> {
  data: Uint8Array;
}

/** Makes a checkpoint. Throws CheckpointError where a tensor's size in bytes does not fit its type and shape. */
export function memoryCheckpoint(
  metadata: Iterable<readonly [string, MetadataValue]>,
  tensors: Iterable<MemoryTensor>,
  metadataTypes: Iterable<readonly [string, MetadataType]> = [],
): Checkpoint {
  const path = "(memory)";
  const table = new Map<string, MemoryTensor & TensorInfo>();
  for (const tensor of tensors) {
    const bytes = storedBytes(tensor.type, sizeOf(tensor.shape));
    if (tensor.data.length !== bytes)
      throw new CheckpointError(`The tensor ${tensor.name} takes ${bytes} bytes; got ${tensor.data.length}`);
    table.set(tensor.name, { ...tensor, bytes });
  }
  return {
    path,
    metadata: new Map(metadata),
    metadataTypes: new Map(metadataTypes),
    tensors: table,
    async read(name, from, length) {
      const tensor = table.get(name);
      expectRange(path, tensor, name, from, length);
      return tensor.data.slice(from, from + length);
    },
    async close() {},
  };
}
