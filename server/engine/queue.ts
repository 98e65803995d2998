// The queue of foreground requests, which run one at a time, by priority:
// - A change of the model's adapters runs before all that waits, and to its end.
// - A completion stops a running completion or warm-up, because it answers the user's newest keystroke.
// - A warm-up waits until nothing else runs.
// Of the waiting jobs of one priority only the newest is kept; the others are aborted.

export type Priority = "change" | "completion" | "warming";
const priorities: readonly Priority[] = ["change", "completion", "warming"];

type Job = { start(): Promise<void>; stop(): void };

export interface Queue {
  /** Runs `job` when nothing of a higher priority waits. Rejects with the signal's reason if it is stopped or dropped. */
  run<T>(priority: Priority, job: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Whether a completion runs or waits. */
  readonly busy: boolean;
}

export function createQueue(onChange: () => void = () => {}): Queue {
  const waiting = new Map<Priority, Job>();
  let running: { priority: Priority; job: Job } | undefined;

  function next() {
    const priority = priorities.find((priority) => waiting.has(priority));
    const job = priority && waiting.get(priority);
    running = job && { priority, job };
    if (priority) waiting.delete(priority);
    onChange();
    job?.start().then(next);
  }

  function add(priority: Priority, job: Job) {
    waiting.get(priority)?.stop();
    waiting.set(priority, job);
    if (!running) next();
    else if (running.priority !== "change" && (priority !== "warming" || running.priority === "warming"))
      running.job.stop();
  }

  return {
    get busy() {
      return running?.priority === "completion" || waiting.has("completion");
    },
    run: (priority, job, signal) =>
      new Promise((resolve, reject) => {
        const stopped = new AbortController();
        const either = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
        const giveUp = () => reject(either.reason);
        either.addEventListener("abort", giveUp, { once: true });
        add(priority, {
          start: async () => {
            if (!either.aborted) await job(either).then(resolve, reject);
            either.removeEventListener("abort", giveUp); // Node keeps a composite signal alive while it has listeners
          },
          stop: () => stopped.abort(),
        });
      }),
  };
}
