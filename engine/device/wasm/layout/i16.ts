// The CPU's layout of f16 states, such as the KV cache: rows of integers of at most 8191, then a scale for each row. An
// integer times its scale is the value. A row is as exact as in f16, and integers multiply twice as fast as f32.

import { maxCached } from "../../../ops/attention.tiles";

/** Access for the host to `size` values at `address`, in rows of `width`. Both functions take whole rows. */
export function i16Rows(memory: ArrayBufferLike, address: number, size: number, width: number) {
  const integers = new Int16Array(memory, address, size);
  const scales = new Float32Array(memory, address + 2 * size, size / width);
  return {
    write(values: ArrayLike<number>, at: number) {
      for (let from = 0; from < values.length; from += width) {
        const row = Array.from({ length: width }, (_, i) => values[from + i]);
        const scale = row.reduce((max, value) => Math.max(max, Math.abs(value)), 0) / maxCached;
        scales[(at + from) / width] = scale;
        integers.set(scale ? row.map((value) => Math.round(value / scale)) : row, at + from);
      }
    },
    read: (at: number, count: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => integers[at + i] * scales[Math.floor((at + i) / width)]),
  };
}
