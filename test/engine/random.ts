// Random numbers that are the same in every run.

let state = 1;

/** Uniform in [0, 1). */
export function uniform(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** A whole number from `min` to `max`. */
export const integer = (min: number, max: number): number => min + Math.floor(uniform() * (max - min + 1));

/** Roughly normal, of mean 0 and variance 1. */
export const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

export const normals = (count: number): Float32Array => Float32Array.from({ length: count }, normal);
