// Server → client, on every change: everything that the status bar and the language status show. Always complete.

import type { Notification } from "./message";
import type { ModelDescription } from "./models";

export interface Status {
  /** `error`: there are no completions until the user solves `problem`. */
  state: "starting" | "loading" | "ready" | "busy" | "snoozed" | "error";
  /** The progress of `loading`, from 0 to 1. */
  progress?: number;
  model?: ModelDescription;
  /** The adapters that this workspace uses; scale 1 is as trained. */
  adapters?: { name: string; scale: number }[];
  device?: { kind: "cpu" | "gpu"; name: string /** Why this device was chosen. */; reason: string };
  /** Tokens per second. */
  speed?: { prefill: number; decode: number };
  /** Milliseconds since 1970. */
  snoozedUntil?: number;
  problem?: Problem;
  /** The index of the workspace's files; absent until they are read. */
  workspace?: WorkspaceStatus;
}

export interface WorkspaceStatus {
  /** Whether files are still being read. */
  building: boolean;
  files: number;
  lines: number;
  /** Of memory, estimated. */
  bytes: number;
  /** How many files are left out, and the reason, as a sentence for the user. */
  leftOut: { count: number; reason: string }[];
}

/** A sentence for the user that ends with the next step. In states other than `error`, completions work all the same. */
export interface Problem {
  message: string;
  action: "selectModel" | "restart" | "showLog" | "openSettings";
  /** For the log: where the error was thrown, and what led to it. */
  cause?: string;
}

export const status = "glassbox/status" as Notification<Status>;
