// Whose turn it is: one thing runs at a time. A change of the model comes next and runs to its end. A completion stops
// what else runs, for it answers what the user does now; warming up waits until nothing runs. Of those that wait, the
// newest of each kind is kept and the others are dropped.

export type Rank = "change" | "completion" | "warming";
const ranks: readonly Rank[] = ["change", "completion", "warming"];

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
    const rank = ranks.find((rank) => waiting.has(rank));
    const job = rank && waiting.get(rank);
    running = job && { rank, job };
    if (rank) waiting.delete(rank);
    onChange();
    job?.start().then(next);
  }

  function add(rank: Rank, job: Job) {
    waiting.get(rank)?.stop();
    waiting.set(rank, job);
    if (!running) next();
    else if (running.rank !== "change" && (rank !== "warming" || running.rank === "warming")) running.job.stop();
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
