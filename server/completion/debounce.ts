// The delay before a completion is computed, which the next keystroke may make useless. It grows with the measured latency:
// where completions are fast, starting at once costs little; where they are slow, starting at every key wastes the machine's
// time.

export interface Debounce {
  /** Milliseconds to wait, at least `least`. */
  delay(least: number): number;
  /** Call it with the time that a completion took. */
  completed(milliseconds: number): void;
}

/** The delay is this share of the latency beyond `unnoticed` milliseconds, up to `longest`. */
const share = 0.25;
const unnoticed = 200;
const longest = 500;
/** The weight of the newest measurement in the moving average. */
const weight = 0.3;

export function createDebounce(): Debounce {
  let latency: number | undefined;
  return {
    delay: (least) => Math.max(least, Math.min(longest, share * ((latency ?? 0) - unnoticed))),
    completed(milliseconds) {
      latency = latency === undefined ? milliseconds : latency + weight * (milliseconds - latency);
    },
  };
}
