// What travels between the server's main thread and the worker that holds the model.
import type { DeviceChoice, ModelInfo } from "../../engine";
import type { Completion, CompletionRequest, Reading, Source } from "../completion/types";

/** The worker's `workerData`: it loads this model, and serves it until it ends. */
export interface LoadRequest {
  path: string;
  device: DeviceChoice;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** CPU threads; 0 leaves it to the engine. */
  threads: number;
}

export interface Loaded {
  info: ModelInfo;
  device: { kind: "cpu" | "gpu"; name: string; reason: string };
  fillsInMiddle: boolean;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** Set the first word to stop what the engine is doing, once the worker has been sent the `cancel`. */
  interrupt: Int32Array<SharedArrayBuffer>;
}

export type Fault = "model" | "device";

/** One at a time: the next is sent when the last was answered. */
export type Work = { complete: CompletionRequest } | { warm: { source: Source; budget: number } };

export type ToWorker = { id: number; work: Work } | { cancel: number } | { dispose: true };

export type FromWorker =
  | Answer
  | { progress: number }
  | { loaded: Loaded }
  /** Why the model cannot be used, for the user, and what is to blame. */
  | { refused: string; fault: Fault }
  /** Why the device can no longer be used, for the user. */
  | { lost: string };

/** To one piece of work; nothing but its id where that was cancelled. */
export type Answer = { id: number; completion?: Completion; reading?: Reading } | { id: number; failed: string };
