// Sizes that linear's CPU kernels and what sets their memory aside agree on. AssemblyScript reads this file as well.

/** Bytes of 32 rounded columns, of one token and of four (linear.round.simd.ts). */
export const roundedBytes = 48;
export const roundedBytesOfFour = 160;
export const roundedPairs = 80;
export const roundedPairsOfFour = 304;

/** Bytes of a token's 256 rounded columns, with sums of parts of 32 columns, and of 16 (linear.roundK.simd.ts). */
export const roundedSuper32 = 276;
export const roundedSuper16 = 292;

/** Local memory before a tile, for a group's sums. */
export const sumsBytes = 128;

/** Bytes that 32 columns of a tile of 8 rows take when they are unpacked. */
export const unpackedFloats = 1024;
export const unpackedQ4 = 320;
export const unpackedQ8_0 = 544;
export const unpackedQ8_1 = 576;
export const unpackedQ4K = 312;
export const unpackedQ6K = 424;
