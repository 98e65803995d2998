// Weights on their way into the device's memory: read in pieces of some tiles, laid out anew by kernels on all threads.

import { blocks, type StorageType, storedBytes } from "../../graph/storage";
import { sizeOf } from "../../graph/tensor";
import { dequantize } from "../../load/dequantize";
import type { StoredTensor } from "../device";
import { encode, listBytes, type Region } from "./encode";
import { opcodeOf } from "./kernels";
import { layoutOf } from "./layout/layouts";
import type { Memory } from "./memory";
import type { Threads } from "./threads";

export interface Weight {
  /** See layout/pack.simd.ts. */
  layout: string;
  address: number;
  bytes: number;
}

/** Bytes of a checkpoint to read at a time. */
const pieceBytes = 2 ** 22;

export async function uploadWeight(tensor: StoredTensor, threads: Threads, memory: Memory): Promise<Weight> {
  // Kernels other than those that multiply and gather read plain values: norms, biases.
  if (tensor.shape.length === 1 || tensor.type === "f32") return uploadPlain(tensor, memory);

  const { name, rows, columns, tile, storedTile } = layoutOf(tensor.type, tensor.shape);
  const tiles = Math.ceil(rows / 8);
  const bytes = tiles * tile;
  const address = memory.allocate(bytes);
  const together = Math.min(tiles, Math.max(1, Math.floor(pieceBytes / storedTile)));
  const staged = region(memory, together * storedTile);
  const decoded = region(memory, together * 8 * columns * 1.5);
  const calls = region(memory, listBytes(2));
  try {
    for (let first = 0; first < tiles; first += together) {
      const count = Math.min(together, tiles - first);
      const rowsHere = Math.min(count * 8, rows - first * 8);
      const stored = await tensor.read(first * storedTile, (rowsHere * storedTile) / 8);
      bytesOf(memory, staged).set(stored);
      const packed = fixedRegion(address + first * tile, count * tile);
      const quantized = name !== "f16" && name !== "bf16";
      const pack = {
        kernel: { kernel: quantized ? `pack_${name}` : "pack_halves", items: count, grain: 4 },
        params: [rowsHere, columns, ...superBlocks(tensor.type)],
        inputs: quantized ? [decoded, staged] : [staged],
        reads: [],
        writes: packed,
      };
      const decode = {
        kernel: { kernel: `decode_${tensor.type}`, items: rowsHere, grain: 32 },
        params: [columns],
        inputs: [staged],
        reads: [],
        writes: decoded,
      };
      const phases = quantized ? [[[decode]], [[pack]]] : [[[pack]]];
      encode(phases, 0, bytesOf(memory, calls), (kernel) => opcodeOf(threads.kernels, kernel));
      let rest = threads.run({ calls: calls.address, count: phases.length, times: 1, local: 0, localBytes: 0 });
      while (rest) rest = threads.resume(rest); // whoever interrupts means a run
    }
  } finally {
    for (const { address } of [staged, decoded, calls]) memory.free(address);
  }
  return { layout: name, address, bytes };
}

/** Of a K type: bytes of a stored super-block, where in it d and e are, and the quant that stands for zero. */
function superBlocks(type: StorageType): number[] {
  const where: Partial<Record<StorageType, number[]>> = {
    q2_k: [80, 82, 0],
    q3_k: [108, -1, 4],
    q4_k: [0, 2, 0],
    q5_k: [0, 2, 0],
    q6_k: [208, -1, 32],
  };
  return where[type] ? [blocks[type].bytes, ...where[type]] : [];
}

async function uploadPlain({ type, shape, read }: StoredTensor, memory: Memory): Promise<Weight> {
  const size = sizeOf(shape);
  const bytes = size * 4;
  const address = memory.allocate(bytes);
  if (type === "f32")
    for (let from = 0; from < bytes; from += pieceBytes) {
      const piece = await read(from, Math.min(pieceBytes, bytes - from));
      new Uint8Array(memory.memory.buffer, address + from, piece.length).set(piece);
    }
  else {
    const values = new Float32Array(size);
    dequantize(type, await read(0, storedBytes(type, size)), values);
    new Float32Array(memory.memory.buffer, address, size).set(values);
  }
  return { layout: "f32", address, bytes };
}

const region = (memory: Memory, bytes: number): Region => fixedRegion(memory.allocate(bytes), bytes);

const fixedRegion = (address: number, bytes: number): Region => ({ address, bytes, arena: false, constant: false });

const bytesOf = (memory: Memory, { address, bytes }: Region) => new Uint8Array(memory.memory.buffer, address, bytes);
