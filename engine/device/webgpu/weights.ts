// Uploads weights to the GPU in pieces. Each has a buffer, in the layout of planes.ts.

import { blocks, type StorageType, storedBytes } from "../../graph/storage";
import { type DType, type Shape, sizeOf } from "../../graph/tensor";
import { dequantize } from "../../load/dequantize";
import type { StoredTensor } from "../device";
import type { Memory } from "./memory";
import { type Piece, splitFields } from "./planes";

/** The buffer of a weight, constant or state, and the layout of its values. */
export interface GpuValues {
  buffer: GPUBuffer;
  /** "i32", or the storage type whose layout (planes.ts) the values have. */
  layout: DType;
}

/** How many values are read and repacked at a time: an even number of blocks of every type. */
const pieceValues = 2 ** 22;

/** How many bytes may be queued for the GPU: the queue holds them in memory until it has copied them. */
const inFlight = 2 ** 26;

/** Shaders read weights in blocks of 32 values of one row. Vectors, and matrices of other widths, are decoded to f32. */
function layoutOf(type: StorageType, shape: Shape): StorageType {
  const [width] = shape.slice(-1);
  return shape.length > 1 && width % 32 === 0 ? type : "f32";
}

/** Copies a weight into a buffer. Throws GpuMemoryError, or what reading it throws; then nothing stays allocated. */
export async function uploadWeight(gpu: GPUDevice, memory: Memory, tensor: StoredTensor): Promise<GpuValues> {
  const layout = layoutOf(tensor.type, tensor.shape);
  const bytes = storedBytes(layout, sizeOf(tensor.shape));
  const buffer = await memory.allocate(`the weight ${tensor.name}`, bytes);
  try {
    await fill(buffer, gpu, tensor, layout);
  } catch (error) {
    memory.free(buffer);
    throw error;
  }
  return { buffer, layout };
}

async function fill(buffer: GPUBuffer, gpu: GPUDevice, { type, shape, read }: StoredTensor, layout: StorageType) {
  const size = sizeOf(shape);
  let queued = 0;
  for (let from = 0; from < size; from += pieceValues) {
    const count = Math.min(pieceValues, size - from);
    const stored = await read(storedBytes(type, from), storedBytes(type, count));
    for (const { at, bytes } of repack(type, layout, stored, from, size)) {
      gpu.queue.writeBuffer(buffer, at, bytes as Uint8Array<ArrayBuffer>);
      queued += bytes.length;
    }
    if (queued < inFlight) continue;
    await gpu.queue.onSubmittedWorkDone();
    queued = 0;
  }
}

function repack(type: StorageType, layout: StorageType, stored: Uint8Array, from: number, values: number): Piece[] {
  const { values: size, bytes } = blocks[type];
  if (type === layout) return splitFields(type, stored, from / size, values / size);
  const decoded = new Float32Array((stored.length / bytes) * size);
  dequantize(type, stored, decoded);
  return [{ at: from * 4, bytes: new Uint8Array(decoded.buffer) }];
}
