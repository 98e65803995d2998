// Shares the engine's thread between foreground requests and background tasks. Requests run as they arrive. A task calls
// `pause` regularly and waits there while a request runs or tasks are suspended.
import { nextTurn } from "../../engine";

export interface Scheduler {
  /** Marks the start of a request. Call the returned function at its end. */
  beginRequest(): () => void;
  /** Suspends tasks, or resumes them. */
  suspend(on: boolean): void;
  /** Lets the thread receive messages, then waits until tasks may run. Rejects with the signal's reason if aborted. */
  pause(signal: AbortSignal): Promise<void>;
  /** Runs a task's work that cannot pause. If a request arrives, the work is aborted, and starts again after the request. */
  undisturbed<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createScheduler(): Scheduler {
  let requests = 0;
  let suspended = false;
  const waiting = new Set<() => void>();
  const abortable = new Set<AbortController>();

  const mayRun = () => requests === 0 && !suspended;

  function onChange() {
    if (mayRun()) for (const wake of waiting) wake();
    else for (const controller of abortable) controller.abort();
  }

  async function pause(signal: AbortSignal) {
    // Node delivers messages once per turn of the event loop. The first turn may be past that point already, so a message
    // that was sent before this call is certain to be delivered only after the second.
    await nextTurn();
    await nextTurn();
    while (!mayRun() && !signal.aborted) await changed(signal);
    signal.throwIfAborted();
  }

  const changed = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener("abort", wake);
    });

  return {
    beginRequest() {
      requests++;
      onChange();
      return () => {
        requests--;
        onChange();
      };
    },
    suspend(on) {
      suspended = on;
      onChange();
    },
    pause,
    async undisturbed(work, signal) {
      for (;;) {
        await pause(signal);
        const controller = new AbortController();
        abortable.add(controller);
        try {
          return await work(AbortSignal.any([signal, controller.signal]));
        } catch (error) {
          if (signal.aborted || !controller.signal.aborted) throw error;
        } finally {
          abortable.delete(controller);
        }
      }
    },
  };
}
