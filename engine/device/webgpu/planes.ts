// The GPU's layout of stored weights: structure of arrays. Each field of a type's blocks (ggml-common.h) has a plane,
// which holds that field of all blocks, so that shaders read aligned vectors. The shaders decode them: ops/weight/*.wgsl.

import { blocks, type StorageType } from "../../graph/storage";

/** The offset and size of each field of a block, in the order of their planes: vectors first, then words, then halves. */
const fields: Record<StorageType, readonly (readonly [from: number, bytes: number])[]> = {
  f32: [[0, 4]],
  f16: [[0, 2]],
  bf16: [[0, 2]],
  q4_0: [
    [2, 16],
    [0, 2],
  ],
  q4_1: [
    [4, 16],
    [0, 4],
  ],
  q5_0: [
    [6, 16],
    [2, 4],
    [0, 2],
  ],
  q5_1: [
    [8, 16],
    [4, 4],
    [0, 4],
  ],
  q8_0: [
    [2, 32],
    [0, 2],
  ],
  q2_k: [
    [16, 64],
    [0, 16],
    [80, 4],
  ],
  q3_k: [
    [32, 64],
    [0, 32],
    [96, 12],
    [108, 2],
  ],
  q4_k: [
    [16, 128],
    [4, 12],
    [0, 4],
  ],
  q5_k: [
    [48, 128],
    [16, 32],
    [4, 12],
    [0, 4],
  ],
  q6_k: [
    [0, 128],
    [128, 64],
    [192, 16],
    [208, 2],
  ],
};

/** Bytes, and their offset in the weight's buffer. */
export interface Piece {
  at: number;
  bytes: Uint8Array;
}

/** Splits consecutive stored blocks into their fields. They begin at block `first`, an even number, of `total`. */
export function splitFields(type: StorageType, stored: Uint8Array, first: number, total: number): Piece[] {
  const stride = blocks[type].bytes;
  const count = stored.length / stride;
  if (fields[type].length === 1) return [{ at: first * stride, bytes: stored }];
  let plane = 0;
  return fields[type].map(([from, bytes]) => {
    const piece = { at: plane + first * bytes, bytes: gather(stored, from, bytes, stride, count) };
    plane += total * bytes;
    return piece;
  });
}

/** One field of each of `count` blocks. The sizes of all fields are even. */
function gather(stored: Uint8Array, from: number, bytes: number, stride: number, count: number): Uint8Array {
  const source = halvesOf(stored);
  const halves = bytes / 2;
  const field = new Uint16Array(Math.ceil((count * halves) / 2) * 2);
  for (let block = 0, to = 0; block < count; block++) {
    const at = (block * stride + from) / 2;
    for (let i = 0; i < halves; i++) field[to++] = source[at + i];
  }
  return new Uint8Array(field.buffer);
}

function halvesOf(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 ? bytes.slice() : bytes;
  return new Uint16Array(buffer, byteOffset, length / 2);
}
