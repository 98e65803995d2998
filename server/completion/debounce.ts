// How long to wait before computing what the next key may make useless. Where completions come quickly it costs little
// to begin at once; where they take long, beginning at every key would keep the machine busy for nothing.

export interface Debounce {
  /** Milliseconds to wait, at least those of the setting. */
  delay(least: number): number;
  /** A completion took so long. */
  completed(milliseconds: number): void;
}

/** Of what a completion takes beyond what nobody notices. */
const share = 0.25;
const unnoticed = 200;
const longest = 500;
/** Weight of the newest measurement. */
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
