// Measures work on a thread that it shares with others: time spent waiting for them does not count.

export interface Waiting {
  /** Awaited where others may go first. */
  pause(): Promise<void>;
  /** Runs `work` when there is nothing else to do, and runs it again whenever its signal aborted it for others. */
  undisturbed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface Clock extends Waiting {
  /** Milliseconds of work so far, from an arbitrary start. */
  now(): number;
}

/** A clock that stands still in what the caller waits for through it. */
export function createClock({ pause, undisturbed }: Waiting): Clock {
  let waited = 0;
  return {
    now: () => performance.now() - waited,
    async pause() {
      const since = performance.now();
      await pause();
      waited += performance.now() - since;
    },
    async undisturbed(work) {
      const since = performance.now();
      let worked = 0;
      const result = await undisturbed(async (signal) => {
        const started = performance.now();
        return work(signal).finally(() => {
          worked += performance.now() - started;
        });
      });
      waited += performance.now() - since - worked;
      return result;
    },
  };
}
