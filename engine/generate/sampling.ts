// The options of sampling. The op `sample` (ops/sample.ts) defines what they mean.

export interface Sampling {
  /** 0 takes the most probable token. */
  temperature: number;
  /** Samples among the k most probable tokens only; 0, the default, is all. */
  topK?: number;
  /** Samples among the fewest most probable tokens whose probabilities sum up to this (nucleus sampling). */
  topP?: number;
  /** Samples among the tokens whose probability is at least this fraction of the highest one. */
  minP?: number;
  /** A penalty above 1 makes tokens less probable that occur among the last `window` tokens. */
  repetition?: { penalty: number; window: number };
  /** The same seed draws the same tokens. */
  seed?: number;
}

export const greedy: Sampling = { temperature: 0 };

/** The options as the state that the op `sample` reads, in the order of ops/sample.ts. */
export function samplingState({ temperature, topK, topP, minP, repetition, seed }: Sampling): Float32Array {
  return Float32Array.of(
    temperature,
    topK ?? 0,
    topP ?? 1,
    minP ?? 0,
    repetition?.penalty ?? 1,
    repetition?.window ?? 0,
    (seed ?? 0) % 2 ** 24,
    0,
  );
}
