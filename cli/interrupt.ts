// Ctrl+C in what takes long: it ends where it is, and the same command goes on from there.

import { existsSync } from "node:fs";
import { say } from "./terminal";

/** Ctrl+C was pressed: exit code 130. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** `work` ends when its signal is aborted, and leaves at `progress` what it takes to go on. */
export async function interruptible<T>(progress: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(130);
    say("Stopping; Ctrl+C once more ends it at once.");
    abort.abort();
  };
  process.on("SIGINT", stop);
  try {
    return await work(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted || error !== abort.signal.reason) throw error;
    throw new Interrupted(
      existsSync(progress)
        ? "stopped; the same command goes on from there, and with --restart begins anew"
        : "stopped before there was anything to go on from",
    );
  } finally {
    process.off("SIGINT", stop);
  }
}
