// The messages between the server's main thread and the worker that holds the model.
import type {
  AdapterBase,
  DeviceChoice,
  FineTuningOptions,
  ModelInfo,
  Report,
  TrainingEvent,
  TriedStep,
} from "../../engine";
import type { Completion, CompletionRequest, Reading } from "../completion/types";

/** The worker's `workerData`: the model that it loads, and then serves until it is disposed of. */
export interface LoadRequest {
  path: string;
  device: DeviceChoice;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** CPU threads; 0 leaves it to the engine. */
  threads: number;
  /** Adapters that are part of the model. The workspace's adapters are applied on top of them. */
  adapters: AdapterInUse[];
}

export interface Loaded {
  info: ModelInfo;
  device: { kind: "cpu" | "gpu"; name: string; reason: string };
  fillsInMiddle: boolean;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** What identifies the model in the files of its adapters. */
  base: AdapterBase;
  /** Setting the first word interrupts the engine's current run. Post the message first that says what to do instead. */
  interrupt: Int32Array<SharedArrayBuffer>;
}

export type Fault = "model" | "device";

/** The part of a completion's request that the prompt follows from. */
export type WarmRequest = Pick<CompletionRequest, "source" | "pieces" | "budget">;

/** Requests that the user waits for. They are sent one at a time, each when the last one was answered. */
export interface ForegroundRequests {
  complete: { request: CompletionRequest; answer: Completion };
  warm: { request: WarmRequest; answer: Reading };
  /** Replaces the adapters on the model by these. */
  adapt: { request: AdapterInUse[]; answer: { fillsInMiddle: boolean } };
}

/** Long work in the background. It pauses while a foreground request runs. */
export interface BackgroundTasks {
  /** Counts the tokens of each text. */
  count: { request: string[]; answer: number[] };
  /** Measures the time and memory of one training step with these options. */
  tryStep: { request: FineTuningOptions; answer: TriedStep };
  /** Runs the lesson stored in this folder. Answers undefined if it was stopped before its first step. */
  teach: { request: { folder: string }; answer: Report | undefined };
  /** Writes the examples of the lesson in the folder `lesson`, as token ids, into `folder`. Answers with the files' paths. */
  writeData: { request: { lesson: string; folder: string }; answer: string[] };
}

/** A function for each kind of request, which resolves with its answer. */
export type Handlers<All extends { [kind in keyof All]: { request: unknown; answer: unknown } }> = {
  [kind in keyof All]: (request: All[kind]["request"], signal: AbortSignal, id: number) => Promise<All[kind]["answer"]>;
};

export interface AdapterInUse {
  path: string;
  scale: number;
}

export type LessonEvent = TrainingEvent | { kind: "unsaved"; problem: string };

export interface WorkerRequest {
  kind: keyof ForegroundRequests | keyof BackgroundTasks;
  /** Its type follows from `kind`. */
  request: unknown;
}

export type ToWorker =
  | (WorkerRequest & { id: number })
  /** The id of the request to cancel. */
  | { cancel: number }
  /** Suspends background tasks, or resumes them. */
  | { suspend: boolean }
  /** Ends the running lesson early: it takes no further step and is measured. */
  | { stop: true }
  | { dispose: true };

export type FromWorker =
  | Answer
  | { id: number; event: LessonEvent }
  | { progress: number }
  | { loaded: Loaded }
  /** The model cannot be used: the reason, as a sentence for the user, and whether the model or the device is at fault. */
  | { refused: string; cause: string; fault: Fault }
  /** The device can no longer be used: the reason, as a sentence for the user. */
  | { lost: string };

/** The answer to the request with this id. It holds only the id if the request was cancelled. */
export type Answer = { id: number; answer: unknown } | { id: number } | { id: number; failed: string; cause?: string };
