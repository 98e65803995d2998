// Bytes that the 8 rows of a tile take for a block of 32 columns, or for a super-block of 256, in the layouts of
// pack.simd.ts and packK.simd.ts. AssemblyScript reads this file as well.

export const blockQ4_0 = 144;
export const blockQ4_1 = 160;
export const blockQ8_0 = 272;
export const blockQ8_1 = 288;
export const superQ4K = 1216;
export const superQ6K = 1856;

/** Bytes of the row factors that precede the blocks of a tile with f16 scales. */
export const factorBytes = 32;
