// Server → client, while a lesson goes on and when it has ended: all there is to tell. Always whole but for the curve,
// which only brings its new points.
import type { Notification } from "./message";

export interface Lesson {
  id: string;
  /**
   * `measuring` before and after; `stopping`: the step that was begun is given up, and what was learned is measured;
   * `done`: to be kept or discarded.
   */
  state: "measuring" | "training" | "paused" | "stopping" | "done" | "stopped" | "failed";
  /** Why it pauses or has failed, for the user. */
  reason?: string;
  step: number;
  steps: number;
  /** Share of the whole lesson that is done, measuring included, 0 to 1. */
  progress: number;
  /** New points. Loss in nats a token: of each step, and on the files held out, where it was measured. */
  curve: { step: number; loss?: number; heldOut?: number }[];
  tokensPerSecond?: number;
  /** To its end, measuring included, from what was measured so far. */
  secondsLeft?: number;
  /** Once it is done. */
  report?: LessonReport;
}

export interface BeforeAfter {
  before: number;
  after: number;
}

export interface LessonReport {
  /** Nats a token on the files held out. */
  heldOutLoss: BeforeAfter;
  /** Share of their lines that are completed exactly. */
  exactMatch: BeforeAfter & { lines: number };
  /** Nats a token on general text: what is forgotten. */
  replayLoss: BeforeAfter;
  /** Of lines held out: those before it, the line with its indentation, and what the model writes there. */
  examples: { path: string; prompt: string; truth: string; before: string; after: string }[];
  minutes: number;
  steps: number;
}

/** Where a lesson is that is not open here: nowhere, in another window, or no longer there. */
export type LessonPlace = "free" | "elsewhere" | "gone";

/** After a `look`, until the lesson is opened here: its place has changed. */
export const lessonPlace = "glassbox/lessonPlace" as Notification<{ id: string; place: LessonPlace }>;

export const lesson = "glassbox/lesson" as Notification<Lesson>;
