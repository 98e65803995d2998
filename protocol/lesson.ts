// Server → client: the state of a lesson, while it runs and when it ends. Every notification is complete except for the
// curve, of which it holds only the new points.
import type { Notification } from "./message";

export interface Lesson {
  id: string;
  /**
   * `measuring`: before and after training; `stopping`: the current step is abandoned and the result measured; `done`: the
   * user can keep or discard the adapter; `stopped`: it ended before its first step.
   */
  state: "measuring" | "training" | "paused" | "stopping" | "done" | "stopped" | "failed";
  /** Why it is paused or has failed, as a sentence for the user. */
  reason?: string;
  step: number;
  steps: number;
  /** The share of the whole lesson that is done, measuring included, from 0 to 1. */
  progress: number;
  /** The new points, in nats per token: the training loss of a step, or the loss on the held-out files. */
  curve: { step: number; loss?: number; heldOut?: number }[];
  tokensPerSecond?: number;
  /** An estimate of the time to the end, measuring included. */
  secondsLeft?: number;
  /** Present when the lesson is done. */
  report?: LessonReport;
}

export interface BeforeAfter {
  before: number;
  after: number;
}

export interface LessonReport {
  /** The loss on the held-out files, in nats per token. */
  heldOutLoss: BeforeAfter;
  /** The share of `lines` held-out lines that the model completes exactly. */
  exactMatch: BeforeAfter & { lines: number };
  /** The loss on replay data, in nats per token. It rises where the model forgets what it knew. */
  replayLoss: BeforeAfter;
  /** Held-out lines: `prompt` are the lines before, `truth` the line with its indentation, the others what the model writes. */
  examples: { path: string; prompt: string; truth: string; before: string; after: string }[];
  minutes: number;
  steps: number;
}

/** The place of a lesson that is not open in this window: open nowhere, open in another window, or removed. */
export type LessonPlace = "free" | "elsewhere" | "gone";

/** The place of a lesson has changed. Sent after a `look`, until the lesson is opened in this window. */
export const lessonPlace = "glassbox/lessonPlace" as Notification<{ id: string; place: LessonPlace }>;

export const lesson = "glassbox/lesson" as Notification<Lesson>;
