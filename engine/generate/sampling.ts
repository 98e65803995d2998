// How the next token is chosen. The rule itself is the op's: ops/sample.ts.

export interface Sampling {
  /** 0 takes the most probable token. */
  temperature: number;
  /** Only among the k most probable; 0: all. */
  topK?: number;
  /** Only among the most probable that together hold this mass. */
  topP?: number;
  /** Only those at least this many times as probable as the most probable. */
  minP?: number;
  /** Above 1, makes tokens that stand in the last `window` less probable. */
  repetition?: { penalty: number; window: number };
  /** The same seed draws the same tokens. */
  seed?: number;
}

export const greedy: Sampling = { temperature: 0 };

/** The sampling state that `sample` reads; see ops/sample.ts for its order. */
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
