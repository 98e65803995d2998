// The K types: super-blocks of 256 values, whose sub-blocks have small integer scales of their own times one f16
// (block_q2_K … block_q6_K in ggml-common.h). Value i lies in group i/32 (or i/16) of the super-block.

import { halfAt } from "../graph/half";

/** Decodes the block that starts at byte `at` into `out` from index `to` on. */
export type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;

/** 16 × (scale, minimum) of 4 bits; 256 × 2 bits; d, dmin: f16. Value = d scale q − dmin minimum. */
export const q2K: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 80);
  const dmin = halfAt(bytes, at + 82);
  for (let i = 0; i < 256; i++) {
    const scales = bytes[at + (i >> 4)];
    out[to + i] = d * (scales & 15) * twoBits(bytes, at + 16, i) - dmin * (scales >> 4);
  }
};

/** 256 × the third bit, inverted; 256 × 2 bits; 16 × scale of 6 bits; d: f16. Value = d (scale − 32) (q − 4). */
export const q3K: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 108);
  for (let i = 0; i < 256; i++) {
    const q = twoBits(bytes, at + 32, i) | (bitOfGroup(bytes, at, i) << 2);
    out[to + i] = d * (q3Scale(bytes, at + 96, i >> 4) - 32) * (q - 4);
  }
};

/** d, dmin: f16; 8 × (scale, minimum) of 6 bits; 256 × 4 bits. Value = d scale q − dmin minimum. */
export const q4K: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const dmin = halfAt(bytes, at + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(bytes, at + 4, group);
    const minimum = dmin * minimumOf(bytes, at + 4, group);
    for (let i = group * 32; i < group * 32 + 32; i++) out[to + i] = scale * fourBits(bytes, at + 16, i, 32) - minimum;
  }
};

/** d, dmin: f16; 8 × (scale, minimum) of 6 bits; 256 × the fifth bit; 256 × 4 bits. Value = d scale q − dmin minimum. */
export const q5K: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const dmin = halfAt(bytes, at + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(bytes, at + 4, group);
    const minimum = dmin * minimumOf(bytes, at + 4, group);
    for (let i = group * 32; i < group * 32 + 32; i++) {
      const q = fourBits(bytes, at + 48, i, 32) | (bitOfGroup(bytes, at + 16, i) << 4);
      out[to + i] = scale * q - minimum;
    }
  }
};

/** 256 × the low 4 bits; 256 × the high 2 bits; 16 × scale: int8; d: f16. Value = d scale (q − 32). */
export const q6K: DecodeBlock = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const scale = (bytes[at + 192 + (i >> 4)] << 24) >> 24;
    const q = fourBits(bytes, at, i, 64) | (twoBits(bytes, at + 128, i) << 4);
    out[to + i] = d * scale * (q - 32);
  }
};

/** Each 32 bytes hold 128 values: the first 32 in bits 0 and 1, the next 32 in bits 2 and 3, and so on. */
const twoBits = (bytes: Uint8Array, at: number, i: number) =>
  (bytes[at + (i >> 7) * 32 + (i & 31)] >> (((i >> 5) & 3) * 2)) & 3;

/** Every `run` bytes hold `run` values in their low bits and the next `run` in their high bits. */
const fourBits = (bytes: Uint8Array, at: number, i: number, run: 32 | 64) =>
  (bytes[at + Math.floor(i / (2 * run)) * run + (i & (run - 1))] >> (i & run ? 4 : 0)) & 15;

/** One bit a value: bit g of byte n belongs to value 32 · g + n. */
const bitOfGroup = (bytes: Uint8Array, at: number, i: number) => (bytes[at + (i & 31)] >> (i >> 5)) & 1;

// Q3_K packs 16 scales into 12 bytes: the low 4 bits into the first 8 bytes, the high 2 bits into the last 4.
const q3Scale = (bytes: Uint8Array, at: number, group: number) =>
  ((bytes[at + (group & 7)] >> (group & 8 ? 4 : 0)) & 15) |
  (((bytes[at + 8 + (group & 3)] >> ((group >> 2) * 2)) & 3) << 4);

// Q4_K and Q5_K pack 8 scales and 8 minima into 12 bytes: scales 0–3 and minima 0–3 into the low 6 bits of 8 bytes;
// of the others the low 4 bits into the last 4 bytes and the high 2 bits into what those 8 bytes left free.
const scaleOf = (bytes: Uint8Array, at: number, group: number) =>
  group < 4 ? bytes[at + group] & 63 : (bytes[at + group + 4] & 15) | ((bytes[at + group - 4] >> 6) << 4);

const minimumOf = (bytes: Uint8Array, at: number, group: number) =>
  group < 4 ? bytes[at + group + 4] & 63 : (bytes[at + group + 4] >> 4) | ((bytes[at + group] >> 6) << 4);
