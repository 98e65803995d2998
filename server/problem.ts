// Turns an error into a problem: a sentence for the user that ends in the next step, and the cause for the log.
import { reasonOf } from "../engine";
import type { Problem } from "../protocol";

/** `lead` is put before the error's own sentence. */
export const problemOf = (error: unknown, action: Problem["action"] = "showLog", lead = ""): Problem => ({
  message: lead + sentenceOf(error),
  action,
  cause: causeOf(error),
});

/** Our errors carry a sentence as their message. An error of the file system is turned into one here. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (!code || !syscall || !path) return error.message;
  return `${path} cannot be used: ${reasonOf(error)}. Correct this and try again.`;
}

/** The stacks of an error and its causes. Errors of a worker arrive as strings. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${causeOf(error.cause)}`;
}
