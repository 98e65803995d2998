// Whose turn it is: one thing runs at a time. A completion stops whatever runs, for it answers what the user does now;
// warming up waits until nothing runs. Of those that wait, the newest of each kind is kept and the others are dropped.

export type Rank = "completion" | "warming";

type Job = { start(): Promise<void>; stop(): void };

export interface Queue {
  /** Runs `job` when its turn comes. Rejects with the signal's reason where it is stopped before its end. */
  run<T>(rank: Rank, job: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Whether a completion runs or waits. */
  readonly busy: boolean;
}

export function createQueue(onChange: () => void = () => {}): Queue {
  const waiting = new Map<Rank, Job>();
  let running: { rank: Rank; job: Job } | undefined;

  function next() {
    const rank = waiting.has("completion") ? "completion" : "warming";
    const job = waiting.get(rank);
    waiting.delete(rank);
    running = job && { rank, job };
    onChange();
    job?.start().then(next);
  }

  function add(rank: Rank, job: Job) {
    waiting.get(rank)?.stop();
    waiting.set(rank, job);
    if (!running) next();
    else if (rank === "completion" || running.rank === "warming") running.job.stop();
  }

  return {
    get busy() {
      return running?.rank === "completion" || waiting.has("completion");
    },
    run: (rank, job, signal) =>
      new Promise((resolve, reject) => {
        const stopped = new AbortController();
        const either = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
        either.addEventListener("abort", () => reject(either.reason), { once: true });
        add(rank, {
          start: async () => {
            if (!either.aborted) await job(either).then(resolve, reject);
          },
          stop: () => stopped.abort(),
        });
      }),
  };
}
