// Finds a NaN or an infinity among a tensor's scales, which would make all of a model's logits NaN.

import { blocks, type StorageType } from "../graph/storage";

/** Whether whole blocks of stored numbers hold a scale (where unquantized, a value) that is NaN or infinite. */
export function hasInvalidScale(type: StorageType, bytes: Uint8Array): boolean {
  const { bytes: stride } = blocks[type];
  return scaleOffsets[type].some((offset) => {
    // A float whose exponent bits are all ones is not finite; they lie in its last two bytes.
    if (type === "f32" || type === "bf16") {
      for (let at = offset + 1; at < bytes.length; at += stride)
        if ((bytes[at] & 0x7f) === 0x7f && bytes[at - 1] >= 0x80) return true;
    } else {
      for (let at = offset + 1; at < bytes.length; at += stride) if ((bytes[at] & 0x7c) === 0x7c) return true;
    }
    return false;
  });
}

/** The offsets in a block of its 16-bit scales, or of the upper half of an f32. */
export const scaleOffsets: Record<StorageType, readonly number[]> = {
  f32: [2],
  f16: [0],
  bf16: [0],
  q4_0: [0],
  q4_1: [0, 2],
  q5_0: [0],
  q5_1: [0, 2],
  q8_0: [0],
  q2_k: [80, 82],
  q3_k: [108],
  q4_k: [0, 2],
  q5_k: [0, 2],
  q6_k: [208],
};
