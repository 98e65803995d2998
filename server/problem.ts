// What went wrong: for the user a sentence that ends in the next step, for the log its cause.
import { reasonOf } from "../engine";
import type { Problem } from "../protocol";

/** `lead` begins the sentence. */
export const problemOf = (error: unknown, action: Problem["action"] = "showLog", lead = ""): Problem => ({
  message: lead + sentenceOf(error),
  action,
  cause: causeOf(error),
});

/** An error's message is a sentence already, but for what the operating system says of a file. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (!code || !syscall || !path) return error.message;
  return `${path} cannot be used: ${reasonOf(error)}. Put that right, and try again.`;
}

/** Where it came from, and what that came from. An error of another thread is a text by then. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${causeOf(error.cause)}`;
}
