// Ctrl+C in a long command: the command ends, and the same command resumes it later.

import { existsSync } from "node:fs";
import { log } from "./terminal";

/** Ctrl+C was pressed. The exit code is 130. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** The signal of Ctrl+C, and the one by which a system or a scheduler asks a program to end. */
const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs `work`, and aborts its signal on Ctrl+C or SIGTERM. Then it throws Interrupted. `progress` is the path of the saved progress. */
export async function interruptible<T>(progress: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(130);
    log("Stopping; press Ctrl+C again to end at once.");
    abort.abort();
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted || error !== abort.signal.reason) throw error;
    throw new Interrupted(
      existsSync(progress)
        ? "stopped; the same command resumes it, and --restart starts again"
        : "stopped before any progress was saved",
    );
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
