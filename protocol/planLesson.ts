// Client → server: what a lesson on the workspace's files would take, before it starts. The server asks for the files by
// `readFile`, chooses among them, and measures a training step on this machine. It shows its progress by
// `window/workDoneProgress`, cancellable.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface PlanLessonParams {
  source: LessonSource;
  adapter: AdapterKind;
  /** The longest that it may take. */
  minutes: number;
}

/** What a lesson is given on. */
export type LessonSource =
  | {
      kind: "files";
      /** All files that the editor's own exclusions let through. */
      files: { uri: string /** Within the workspace, with slashes. */; path: string; size: number }[];
      /** Where the workspace stands in its repository, as `packages/shop`; "" where it is all of it. */
      within: string;
      /** Every `.gitignore` of the repository that has a say: where it stands there, and what it says. */
      ignored: { folder: string; text: string }[];
      /** Whether their last changes are learned from too, as `git log` has them. */
      changes: boolean;
    }
  /** Prompts and the responses to be learned, one `{"prompt": "…", "response": "…"}` a line. */
  | { kind: "pairs" /** Of their file. */; name: string; lines: string };

/** `lora`: low-rank changes of all layers. `loramoe`: a mixture, which forgets less of what the model knew. */
export type AdapterKind = "lora" | "loramoe";

export interface LessonPlan {
  id: string;
  adapter: AdapterKind;
  /** What will be read, most tokens first; what is `heldOut` is not learned from, but the result is measured on it. */
  taken: { kind: "file" | "change" | "pair"; path: string; tokens: number; heldOut: boolean }[];
  /** What will not, and why, in words. */
  left: { path: string; reason: string }[];
  /** Of the files to be learned from, once. */
  tokens: number;
  steps: number;
  /** How often the files are gone through. */
  epochs: number;
  /** Of the whole lesson, from what its parts took when they were tried. */
  minutes: number;
  /** Of these, for measuring before, between and after. */
  measuring: number;
  tokensPerSecond: number;
  /** Beside the model, in bytes. */
  memory: number;
  /** Numbers that training changes. */
  parameters: number;
  /** Why this machine cannot give the lesson, which can be exported then; what a step would have told is 0. */
  refused?: string;
}

export type PlanLessonResult = { plan: LessonPlan } | { problem: Problem } | { cancelled: true };

export const planLesson = "glassbox/planLesson" as Request<PlanLessonParams, PlanLessonResult>;
