// The CPU's layout for each storage type. The tiles are described in pack.simd.ts and packK.simd.ts.

import { blocks, type StorageType } from "../../../graph/storage";
import { type Shape, sizeOf } from "../../../graph/tensor";
import * as bytes from "./blocks.tiles";

export interface Layout {
  name: "f32" | "f16" | "bf16" | "q4_0" | "q4_1" | "q4_k" | "q6_k" | "q8_0" | "q8_1";
  rows: number;
  columns: number;
  /** Bytes of 8 rows in a checkpoint, and in this layout. */
  storedTile: number;
  tile: number;
}

/** Bytes of a tile of 8 rows: its header, and each block of 32 columns. */
const tiles: Record<Layout["name"], { head: number; block: number }> = {
  f32: { head: 0, block: 1024 },
  f16: { head: 0, block: 512 },
  bf16: { head: 0, block: 512 },
  q4_0: { head: bytes.factorBytes, block: bytes.blockQ4_0 },
  q4_1: { head: bytes.factorBytes, block: bytes.blockQ4_1 },
  q4_k: { head: 0, block: bytes.superQ4K / 8 },
  q6_k: { head: 0, block: bytes.superQ6K / 8 },
  q8_0: { head: bytes.factorBytes, block: bytes.blockQ8_0 },
  q8_1: { head: bytes.factorBytes, block: bytes.blockQ8_1 },
};

const names: Record<StorageType, Layout["name"]> = {
  f32: "f32",
  f16: "f16",
  bf16: "bf16",
  q4_0: "q4_0",
  q4_1: "q4_1",
  q5_0: "q8_0",
  q5_1: "q8_1",
  q8_0: "q8_0",
  q2_k: "q6_k",
  q3_k: "q6_k",
  q4_k: "q4_k",
  q5_k: "q6_k",
  q6_k: "q6_k",
};

export function layoutOf(type: StorageType, shape: Shape): Layout {
  const columns = shape.at(-1)!;
  const name = names[type];
  const { head, block } = tiles[name];
  return {
    name,
    rows: sizeOf(shape) / columns,
    columns,
    storedTile: (8 * columns * blocks[type].bytes) / blocks[type].values,
    tile: head + (columns / 32) * block,
  };
}
