// Sizes that attention's CPU kernels and what sets their memory aside agree on. AssemblyScript reads this file as well.

/** Columns of a tile of scores. */
export const tileColumns = 64;

/** Keys that the forward pass packs at a time. */
export const halfKeys = 32;

/** Keys, or values, whose gradients a thread computes at a time. */
export const blockKeys = 64;
