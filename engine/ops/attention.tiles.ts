// Tile sizes of attention's CPU kernels, from which the ops compute their local memory. AssemblyScript reads this file as
// well.

/** The number of columns of a tile of scores. */
export const tileColumns = 64;

/** How many keys the forward pass packs at a time. */
export const halfKeys = 32;

/** How many keys, or values, have their gradients computed together. */
export const blockKeys = 64;
