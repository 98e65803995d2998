// What the main thread and the index's thread say to each other: calls of the index's methods, and their answers.
import type { IndexStatus, WorkspaceIndex } from "./types";

export interface Started {
  storage?: string;
}

export interface ToThread {
  /** Absent where no answer is wanted. */
  id?: number;
  method: keyof WorkspaceIndex;
  params: unknown[];
}

export type FromThread =
  | { id: number; answer: unknown }
  | { id: number; failed: string }
  | { log: string }
  | { status: IndexStatus };
