// Uploads weights to the CPU device: reads them some tiles at a time, and has kernels repack those on all threads.

import { blocks, type StorageType, storedBytes } from "../../graph/storage";
import { sizeOf } from "../../graph/tensor";
import { dequantize } from "../../load/dequantize";
import type { Params } from "../../ops/op";
import type { StoredTensor } from "../device";
import { encode, listBytes } from "./encode";
import { type Layout, layoutOf } from "./layout/layouts";
import type { Part, Region } from "./lower";
import { align, type Memory } from "./memory";
import type { Threads } from "./threads";

/** Where the values of a weight, constant or state are, and how they are laid out. */
export interface Values {
  address: number;
  /** "i32", "i16" (layout/i16.ts), or a layout's name of layout/layouts.ts. */
  layout: string;
  size: number;
  /** Values of a row, where the layout is "i16". */
  width?: number;
}

/** How many bytes of a checkpoint are read at a time. */
const pieceBytes = 2 ** 22;

/** Copies a weight into memory. Throws DeviceMemoryError, or what reading it throws; then nothing stays allocated. */
export async function uploadWeight(tensor: StoredTensor, threads: Threads, memory: Memory): Promise<Values> {
  const size = sizeOf(tensor.shape);
  // Only the kernels of linear, matmulNN and gather read tiles; those that read norms and biases read plain f32.
  const isPlain = tensor.shape.length === 1 || tensor.type === "f32";
  const layout = isPlain ? undefined : layoutOf(tensor.type, tensor.shape);
  const address = memory.allocate(layout ? Math.ceil(layout.rows / 8) * layout.tile : size * 4);
  try {
    if (layout) await pack(tensor, layout, address, threads, memory);
    else await copyPlain(tensor, size, address, memory);
  } catch (error) {
    memory.free(address);
    throw error;
  }
  return { address, layout: layout?.name ?? "f32", size };
}

async function pack(
  { type, read }: StoredTensor,
  { name, rows, columns, tile, storedTile }: Layout,
  address: number,
  threads: Threads,
  memory: Memory,
) {
  const tiles = Math.ceil(rows / 8);
  const tilesPerPiece = Math.min(tiles, Math.max(1, Math.floor(pieceBytes / storedTile)));
  const sizes = [tilesPerPiece * storedTile, tilesPerPiece * 8 * columns * 1.5, listBytes(2)].map(align);
  const room = memory.allocate(sizes[0] + sizes[1] + sizes[2]);
  const staged = region(room, sizes[0]);
  const decoded = region(room + sizes[0], sizes[1]);
  const calls = region(room + sizes[0] + sizes[1], sizes[2]);
  try {
    for (let first = 0; first < tiles; first += tilesPerPiece) {
      const count = Math.min(tilesPerPiece, tiles - first);
      const rowsHere = Math.min(count * 8, rows - first * 8);
      const stored = await read(first * storedTile, (rowsHere * storedTile) / 8);
      bytesOf(memory, staged).set(stored);
      const packed = region(address + first * tile, count * tile);
      const quantized = name !== "f16" && name !== "bf16";
      const pack = {
        kernel: { kernel: quantized ? `pack_${name}` : "pack_halves", items: count, grain: 4 },
        params: { rows: rowsHere, columns, ...superBlocks[type] },
        inputs: (quantized ? [decoded, staged] : [staged]).map(whole),
        outputs: [whole(packed)],
        reads: [],
        writes: [],
      };
      const decode = {
        kernel: { kernel: `decode_${type}`, items: rowsHere, grain: 32 },
        params: { columns },
        inputs: [whole(staged)],
        outputs: [whole(decoded)],
        reads: [],
        writes: [],
      };
      const phases = quantized ? [[[decode]], [[pack]]] : [[[pack]]];
      encode(phases, 0, bytesOf(memory, calls), threads.kernelNamed);
      let remainder = threads.run({ calls: calls.address, count: phases.length, times: 1, local: 0, localBytes: 0 });
      while (remainder) remainder = threads.resume(remainder); // an interrupt is meant for runs of plans
    }
  } finally {
    memory.free(room);
  }
}

/** The params of packK.simd.ts for each K type. */
const superBlocks: Partial<Record<StorageType, Params>> = {
  q2_k: { superBlockBytes: blocks.q2_k.bytes, dAt: 80, eAt: 82, zero: 0 },
  q3_k: { superBlockBytes: blocks.q3_k.bytes, dAt: 108, eAt: -1, zero: 4 },
  q4_k: { superBlockBytes: blocks.q4_k.bytes, dAt: 0, eAt: 2, zero: 0 },
  q5_k: { superBlockBytes: blocks.q5_k.bytes, dAt: 0, eAt: 2, zero: 0 },
  q6_k: { superBlockBytes: blocks.q6_k.bytes, dAt: 208, eAt: -1, zero: 32 },
};

async function copyPlain({ type, read }: StoredTensor, size: number, address: number, memory: Memory) {
  const bytes = size * 4;
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
}

const region = (address: number, bytes: number): Region => ({ address, bytes, arena: false, constant: false });

const whole = (region: Region): Part => ({ region, from: 0 });

const bytesOf = (memory: Memory, { address, bytes }: Region) => new Uint8Array(memory.memory.buffer, address, bytes);
