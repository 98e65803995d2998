// The two 16-bit floats: IEEE 754 half precision (f16) and the upper half of a float32 (bf16).

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The value of every f16, by its bits. */
export const f16Values = new Float32Array(65536);
for (let bits = 0; bits < f16Values.length; bits++) f16Values[bits] = decodeF16(bits);

/** The f16 at a byte. */
export const halfAt = (bytes: Uint8Array, at: number): number => f16Values[bytes[at] | (bytes[at + 1] << 8)];

function decodeF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The bits of the f16 nearest to a float32, ties to even. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (word[0] >>> 16) & 0x8000;
  const magnitude = word[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
  // Subnormal: a float32 next to 0.5 has the same spacing, 2^-24, so that adding 0.5 rounds.
  float[0] = Math.abs(float[0]) + 0.5;
  return sign | (word[0] - 0x3f000000);
}

/**
 * The f16 that stands for a value in an f16 state: the nearest one; the largest of its sign where it is past f16's range,
 * NaN where it is not finite.
 */
export const f16InState = (value: number): number =>
  Number.isFinite(value) ? floatToHalf(Math.max(-65504, Math.min(value, 65504))) : 0x7e00;

/** The value of a bf16, by its bits. */
export function bfloatToFloat(bits: number): number {
  word[0] = bits << 16;
  return float[0];
}

/** The bits of the bf16 nearest to a float32, ties to even. */
export function floatToBfloat(value: number): number {
  float[0] = value;
  const bits = word[0];
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 64;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
