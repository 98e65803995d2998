// Whose turn it is: one thing runs at a time. A change of the model comes next and runs to its end. A completion stops
// what else runs, for it answers what the user does now; warming up waits until nothing runs. Of those that wait, the
// newest of each kind is kept and the others are dropped.

export type Priority = "change" | "completion" | "warming";
const priorities: readonly Priority[] = ["change", "completion", "warming"];

type Job = { start(): Promise<void>; stop(): void };

export interface Queue {
  /** Runs `job` when its turn comes. Rejects with the signal's reason where it is stopped before its end. */
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
            either.removeEventListener("abort", giveUp); // Node keeps a signal of several for as long as it is listened to
          },
          stop: () => stopped.abort(),
        });
      }),
  };
}
