// Tile sizes of linear's CPU kernels, from which the op computes their scratch and local memory. AssemblyScript reads
// this file as well.

/** Bytes of 32 quantized columns, of one token and of four (linear.quantize.simd.ts). */
export const quantizedBytes = 48;
export const quantizedBytesOfFour = 160;
export const quantizedPairs = 80;
export const quantizedPairsOfFour = 304;

/** Bytes of a token's 256 quantized columns, with sums of 32 or of 16 columns (linear.quantizeK.simd.ts). */
export const quantizedSuperBlock32 = 276;
export const quantizedSuperBlock16 = 292;

/** Bytes of local memory before the tile: the sums of one group. */
export const sumsBytes = 128;

/** Bytes of 32 columns of an unpacked tile of 8 rows. */
export const unpackedFloats = 1024;
export const unpackedQ4 = 320;
export const unpackedQ8_0 = 544;
export const unpackedQ8_1 = 576;
export const unpackedQ4K = 312;
export const unpackedQ6K = 424;
