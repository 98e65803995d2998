// Whose turn it is in the engine's thread. What someone waits for runs when it comes; a task goes on where nobody does, and
// where it is not held up.

export interface Turns {
  /** Someone comes, and goes when the function is called that it returns. */
  enter(): () => void;
  /** Whether tasks are held up, be it as nobody comes. */
  hold(on: boolean): void;
  /** Lets messages in; resolves when it is the tasks' turn. Rejects with the signal's reason where aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** Does a piece of work in the tasks' turn; where someone comes meanwhile it is aborted, and done again. */
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

  async function wait(signal: AbortSignal) {
    // Two turns of the event loop: what was sent before is in after the second, wherever in one of them this begins.
    await turn();
    await turn();
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
    wait,
    async undisturbed(work, signal) {
      for (;;) {
        await wait(signal);
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

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
