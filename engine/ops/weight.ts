// How shaders read a weight in one of the GPU's layouts.

/** WGSL of `weightAt(row, column)` for a layout; `weight` is the buffer that it reads. */
export function readWeight(layout: string): string {
  throw new Error(`No shader reads weights laid out as ${layout}`);
}
