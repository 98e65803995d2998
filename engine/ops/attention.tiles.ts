// Tile sizes of attention's CPU kernels, from which the ops compute their local memory. AssemblyScript reads this file as
// well.

/** The number of columns of a tile of scores. */
export const tileColumns = 64;

/** How many keys the forward pass packs at a time. */
export const halfKeys = 32;

/** How many keys, or values, have their gradients computed together. */
export const blockKeys = 64;

/** The largest integers that stand for keys and values in the layout i16, and for queries and weights beside it. */
export const maxCached = 8191;
export const maxQuery = 4095;
export const maxWeight = 32767;

/** The largest sum of weights as integers: times `maxCached` it fits into i32, whichever way they are rounded. */
export const maxWeightSum = 261136;

/** Bytes of local memory that attention over the layout i16 needs beside tiles of keys and values and its rows. */
export const i16Scratch = 3200;
