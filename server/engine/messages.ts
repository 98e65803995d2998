// What travels between the server's main thread and the worker that holds the model.
import type { AdapterBase, DeviceChoice, FineTuningOptions, ModelInfo, News, Report, TriedStep } from "../../engine";
import type { CaretText, Completion, CompletionRequest, Reading } from "../completion/types";

/** The worker's `workerData`: it loads this model, and serves it until it ends. */
export interface LoadRequest {
  path: string;
  device: DeviceChoice;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** CPU threads; 0 leaves it to the engine. */
  threads: number;
  /** Part of the model: all others come on top of them. */
  adapters: AdapterInUse[];
}

export interface Loaded {
  info: ModelInfo;
  device: { kind: "cpu" | "gpu"; name: string; reason: string };
  fillsInMiddle: boolean;
  /** Tokens that prompt and completion may have together. */
  context: number;
  /** The model, as its adapters name it. */
  base: AdapterBase;
  /** Set the first word to stop what the engine is doing, once the worker has been sent why. */
  interrupt: Int32Array<SharedArrayBuffer>;
}

export type Fault = "model" | "device";

/** What someone waits for, one at a time: the next is sent when the last was answered. */
export interface Work {
  complete: { request: CompletionRequest; answer: Completion };
  warm: { request: { source: CaretText; budget: number }; answer: Reading };
  /** Uses these adapters from now on. */
  adapt: { request: AdapterInUse[]; answer: { fillsInMiddle: boolean } };
}

/** What takes long and gives way to all that someone waits for. */
export interface Task {
  /** How many tokens each of these texts has. */
  count: { request: string[]; answer: number[] };
  /** A step of such training. */
  tryStep: { request: FineTuningOptions; answer: TriedStep };
  /** Gives the lesson that lies in this folder; no answer where it was stopped before it began. */
  teach: { request: { folder: string }; answer: Report | undefined };
  /** Writes what the lesson in a folder reads, as token ids, into another folder; answers with the paths. */
  writeData: { request: { lesson: string; folder: string }; answer: string[] };
}

/** What answers each kind of request. */
export type Handlers<All extends { [kind in keyof All]: { request: unknown; answer: unknown } }> = {
  [kind in keyof All]: (request: All[kind]["request"], signal: AbortSignal, id: number) => Promise<All[kind]["answer"]>;
};

export interface AdapterInUse {
  path: string;
  scale: number;
}

export type LessonNews = News | { kind: "unsaved"; problem: string };

export interface Asked {
  kind: keyof Work | keyof Task;
  /** As its kind says. */
  request: unknown;
}

export type ToWorker =
  | (Asked & { id: number })
  | { cancel: number }
  /** Whether tasks are held up. */
  | { hold: boolean }
  /** The lesson takes no further step. */
  | { stop: true }
  | { dispose: true };

export type FromWorker =
  | Answer
  | { id: number; news: LessonNews }
  | { progress: number }
  | { loaded: Loaded }
  /** Why the model cannot be used, for the user, and what is to blame. */
  | { refused: string; cause: string; fault: Fault }
  /** Why the device can no longer be used, for the user. */
  | { lost: string };

/** To one piece of work or task; nothing but its id where that was cancelled. */
export type Answer = { id: number; answer: unknown } | { id: number } | { id: number; failed: string; cause?: string };
