// Who uses the engine's thread. Requests that someone waits for run as they come; a task pauses while there are any, and
// while it is held up.
import { nextTurn } from "../../engine";

export interface Turns {
  /** A request begins; it ends when the returned function is called. */
  enter(): () => void;
  /** Holds tasks up, or lets them go on. */
  hold(on: boolean): void;
  /** Lets messages in, then waits until a task may go on. Rejects with the signal's reason where aborted. */
  pause(signal: AbortSignal): Promise<void>;
  /** Does a task's work. Where a request comes meanwhile, the work is aborted and done again afterwards. */
  undisturbed<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createTurns(): Turns {
  let present = 0;
  let held = false;
  const waiting = new Set<() => void>();
  const disturbed = new Set<AbortController>();

  const isFree = () => present === 0 && !held;

  function change() {
    if (isFree()) for (const wake of waiting) wake();
    else for (const controller of disturbed) controller.abort();
  }

  async function pause(signal: AbortSignal) {
    // Twice round the event loop: what was sent before is in after the second time, wherever in the first this begins.
    await nextTurn();
    await nextTurn();
    while (!isFree() && !signal.aborted) await changed(signal);
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
    enter() {
      present++;
      change();
      return () => {
        present--;
        change();
      };
    },
    hold(on) {
      held = on;
      change();
    },
    pause,
    async undisturbed(work, signal) {
      for (;;) {
        await pause(signal);
        const controller = new AbortController();
        disturbed.add(controller);
        try {
          return await work(AbortSignal.any([signal, controller.signal]));
        } catch (error) {
          if (signal.aborted || !controller.signal.aborted) throw error;
        } finally {
          disturbed.delete(controller);
        }
      }
    },
  };
}
