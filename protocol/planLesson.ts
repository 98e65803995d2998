// Client → server: plan a lesson. The server reads the files by `readFile`, chooses among them, and measures a training step
// on this machine. Progress is shown by `window/workDoneProgress`, and can be cancelled.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface PlanLessonParams {
  source: LessonSource;
  adapter: AdapterKind;
  /** The longest time that the lesson may take. */
  minutes: number;
}

/** The texts that a lesson learns from. */
export type LessonSource =
  | {
      kind: "files";
      /** All files that the editor's settings do not exclude. */
      files: { uri: string /** Within the workspace, with slashes. */; path: string; size: number }[];
      /** The workspace's path in its repository, such as `packages/shop`; "" if it is the root. */
      within: string;
      /** Every `.gitignore` of the repository that may apply: the path of its folder in the repository, and its text. */
      ignored: { folder: string; text: string }[];
      /** Whether the last commits are learned from too, from `git log`. */
      changes: boolean;
    }
  /** Prompts and the responses to learn, one `{"prompt": "…", "response": "…"}` a line. */
  | { kind: "pairs" /** The name of their file. */; name: string; lines: string };

/** `lora`: low-rank updates of linear layers. `loramoe`: a mixture of several LoRA experts, which forgets less. */
export type AdapterKind = "lora" | "loramoe";

export interface LessonPlan {
  id: string;
  adapter: AdapterKind;
  /** The texts, those with most tokens first. A text that is `heldOut` is not learned from; the result is measured on it. */
  taken: { kind: "file" | "change" | "pair"; path: string; tokens: number; heldOut: boolean }[];
  /** Files that are left out; the reason is a sentence for the user. */
  left: { path: string; reason: string }[];
  /** Tokens to learn from, in one epoch. */
  tokens: number;
  steps: number;
  epochs: number;
  /** The estimated time of the whole lesson, from a step that was tried. */
  minutes: number;
  /** The part of `minutes` that is spent on measuring before, during and after training. */
  measuring: number;
  tokensPerSecond: number;
  /** The memory that training takes beside the model, in bytes. */
  memory: number;
  /** Trainable parameters. */
  parameters: number;
  /** Why this machine cannot run the lesson, which can still be exported. Values that a tried step would give are then 0. */
  refused?: string;
}

export type PlanLessonResult = { plan: LessonPlan } | { problem: Problem } | { cancelled: true };

export const planLesson = "glassbox/planLesson" as Request<PlanLessonParams, PlanLessonResult>;
