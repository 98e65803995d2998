// Bytes of a block of 32 columns, or a super-block of 256, of the 8 rows of a tile, as pack.simd.ts and packK.simd.ts lay
// them out. AssemblyScript reads this file as well.

export const blockQ4_0 = 144;
export const blockQ4_1 = 160;
export const blockQ8_0 = 272;
export const blockQ8_1 = 288;
export const superQ4K = 1216;
export const superQ6K = 1856;

/** Bytes of the factors with which a tile of f16 scales begins. */
export const factorBytes = 32;
