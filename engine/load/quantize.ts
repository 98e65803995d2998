// Quantizes float32 to the simple storage types, with ggml's rounding (quantize_row_*_ref in ggml-quants.c), so that a
// file written here is the same as llama.cpp's.

import { floatToBfloat, floatToHalf } from "../graph/half";
import { blocks, type StorageType, storedBytes } from "../graph/storage";

export type QuantizableType = Extract<StorageType, "f32" | "f16" | "bf16" | "q4_0" | "q4_1" | "q8_0">;

/** Encodes one block of values at byte `at`. */
type EncodeBlock = (values: Float32Array, bytes: DataView, at: number) => void;

/** Quantizes values. Throws RangeError unless they fill whole blocks. */
export function quantize(type: QuantizableType, values: Float32Array): Uint8Array {
  const block = blocks[type];
  if (values.length % block.values)
    throw new RangeError(`quantize: ${type} takes a multiple of ${block.values} values, got ${values.length}`);
  const bytes = new DataView(new ArrayBuffer(storedBytes(type, values.length)));
  const encode = encoders[type];
  for (let from = 0, at = 0; from < values.length; from += block.values, at += block.bytes)
    encode(values.subarray(from, from + block.values), bytes, at);
  return new Uint8Array(bytes.buffer);
}

const { fround } = Math;

const q4_0: EncodeBlock = (values, bytes, at) => {
  // The value farthest from zero becomes −8 exactly.
  const farthest = values.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far));
  const d = fround(farthest / -8);
  const inverse = d ? fround(1 / d) : 0;
  bytes.setUint16(at, floatToHalf(d), true);
  packNibbles(bytes, at + 2, (i) => fround(fround(values[i] * inverse) + 8.5));
};

const q4_1: EncodeBlock = (values, bytes, at) => {
  const min = values.reduce((a, b) => Math.min(a, b));
  const max = values.reduce((a, b) => Math.max(a, b));
  const d = fround(fround(max - min) / 15);
  const inverse = d ? fround(1 / d) : 0;
  bytes.setUint16(at, floatToHalf(d), true);
  bytes.setUint16(at + 2, floatToHalf(min), true);
  packNibbles(bytes, at + 4, (i) => fround(fround(fround(values[i] - min) * inverse) + 0.5));
};

const q8_0: EncodeBlock = (values, bytes, at) => {
  const farthest = values.reduce((far, value) => Math.max(far, Math.abs(value)), 0);
  const d = fround(farthest / 127);
  const inverse = d ? fround(1 / d) : 0;
  bytes.setUint16(at, floatToHalf(d), true);
  for (let i = 0; i < values.length; i++) bytes.setInt8(at + 2 + i, roundAway(fround(values[i] * inverse)));
};

const encoders: Record<QuantizableType, EncodeBlock> = {
  f32: ([value], bytes, at) => bytes.setFloat32(at, value, true),
  f16: ([value], bytes, at) => bytes.setUint16(at, floatToHalf(value), true),
  bf16: ([value], bytes, at) => bytes.setUint16(at, floatToBfloat(value), true),
  q4_0,
  q4_1,
  q8_0,
};

/** Packs values 0–15 into the low halves of sixteen bytes, and values 16–31 into the high halves. */
function packNibbles(bytes: DataView, at: number, value: (i: number) => number): void {
  const clamped = (i: number) => Math.max(0, Math.min(15, Math.trunc(value(i))));
  for (let i = 0; i < 16; i++) bytes.setUint8(at + i, clamped(i) | (clamped(i + 16) << 4));
}

/** Rounds to the nearest integer, ties away from zero, as C's roundf. */
const roundAway = (value: number) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
