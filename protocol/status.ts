// Server → client, on every change: all that the status bar and the language status say. Always whole, never a change.

import type { Notification } from "./message";
import type { ModelDescription } from "./models";

export interface Status {
  /** `error`: no completion can come until something is done about `problem`. */
  state: "starting" | "loading" | "ready" | "busy" | "snoozed" | "error";
  /** Of `loading`, 0 to 1. */
  progress?: number;
  model?: ModelDescription;
  /** In use in this workspace, on top of the model; 1 is as it was taught. */
  adapters?: { name: string; scale: number }[];
  device?: { kind: "cpu" | "gpu"; name: string /** Why this one and not the other. */; reason: string };
  /** Tokens a second, of the last completion. */
  speed?: { prefill: number; decode: number };
  /** Milliseconds since 1970. */
  snoozedUntil?: number;
  problem?: Problem;
}

/** A sentence for the user that ends in the next step; in states other than `error` work goes on despite it. */
export interface Problem {
  message: string;
  action: "selectModel" | "restart" | "showLog" | "openSettings";
  /** For the log: where the error was thrown, and what led to it. */
  cause?: string;
}

export const status = "glassbox/status" as Notification<Status>;
