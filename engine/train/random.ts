// Counter-based random numbers (Salmon et al., 2011): each is a function of a seed and of counters that say where it is
// used. There is no state to save, so a run that was killed goes on as if it had not been.

/** Uniform in [0, 1), for the whole numbers `counters`. */
export function random(seed: number, ...counters: number[]): number {
  let state = mix(seed);
  for (const counter of counters) state = mix((state + Math.imul(counter, 0x9e3779b9)) ^ 0x5bd1e995);
  return state / 2 ** 32;
}

/** Normal, of mean 0 and variance 1 (Box and Muller, 1958). */
export const normal = (seed: number, ...counters: number[]): number =>
  Math.sqrt(-2 * Math.log(1 - random(seed, ...counters, 0))) * Math.cos(2 * Math.PI * random(seed, ...counters, 1));

/** A whole number from 0, below `end`. */
export const randomInteger = (end: number, seed: number, ...counters: number[]): number =>
  Math.floor(random(seed, ...counters) * end);

/** The whole numbers below `count`, each once (Fisher and Yates). */
export function permutation(count: number, seed: number, ...counters: number[]): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomInteger(i + 1, seed, ...counters, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** MurmurHash3's finalizer: each bit of the input flips each bit of the output with probability ½. */
function mix(bits: number): number {
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
