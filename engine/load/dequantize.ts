// Dequantizes every storage type's blocks, which are laid out as in ggml (ggml-common.h), to float32. The devices'
// kernels are tested against this.

import { bfloatToFloat, halfAt } from "../graph/half";
import { blocks, type StorageType, storedBytes } from "../graph/storage";
import { type DecodeBlock, q2K, q3K, q4K, q5K, q6K } from "./kQuants";

/** Dequantizes whole blocks into `out`. Throws RangeError unless they fill it exactly. */
export function dequantize(type: StorageType, bytes: Uint8Array, out: Float32Array): void {
  const expected = storedBytes(type, out.length);
  if (bytes.length !== expected)
    throw new RangeError(`dequantize: ${out.length} values take ${expected} bytes as ${type}, got ${bytes.length}`);
  const block = blocks[type];
  const decode = decoders[type];
  for (let at = 0, to = 0; at < bytes.length; at += block.bytes, to += block.values) decode(bytes, at, out, to);
}

const word = new DataView(new ArrayBuffer(4));

const f32: DecodeBlock = (bytes, at, out, to) => {
  for (let i = 0; i < 4; i++) word.setUint8(i, bytes[at + i]);
  out[to] = word.getFloat32(0, true);
};

const f16: DecodeBlock = (bytes, at, out, to) => {
  out[to] = halfAt(bytes, at);
};

const bf16: DecodeBlock = (bytes, at, out, to) => {
  out[to] = bfloatToFloat(bytes[at] | (bytes[at + 1] << 8));
};

/** d: f16; 32 × 4 bits. Value = d (q − 8). */
const q4_0: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * (nibble(bytes, at + 2, i) - 8);
};

/** d, m: f16; 32 × 4 bits. Value = d q + m. */
const q4_1: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const m = halfAt(bytes, at + 2);
  for (let i = 0; i < 32; i++) out[to + i] = d * nibble(bytes, at + 4, i) + m;
};

/** d: f16; 32 × the fifth bit; 32 × 4 bits. Value = d (q − 16). */
const q5_0: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * ((nibble(bytes, at + 6, i) | (bit(bytes, at + 2, i) << 4)) - 16);
};

/** d, m: f16; 32 × the fifth bit; 32 × 4 bits. Value = d q + m. */
const q5_1: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const m = halfAt(bytes, at + 2);
  for (let i = 0; i < 32; i++) out[to + i] = d * (nibble(bytes, at + 8, i) | (bit(bytes, at + 4, i) << 4)) + m;
};

/** d: f16; 32 × int8. Value = d q. */
const q8_0: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * ((bytes[at + 2 + i] << 24) >> 24);
};

const decoders: Record<StorageType, DecodeBlock> = {
  f32,
  f16,
  bf16,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q2_k: q2K,
  q3_k: q3K,
  q4_k: q4K,
  q5_k: q5K,
  q6_k: q6K,
};

/** Sixteen bytes hold values 0 to 15 in their low halves and 16 to 31 in their high halves. */
const nibble = (bytes: Uint8Array, at: number, i: number) => (bytes[at + (i & 15)] >> (i & 16 ? 4 : 0)) & 15;

const bit = (bytes: Uint8Array, at: number, i: number) => (bytes[at + (i >> 3)] >> (i & 7)) & 1;
