// The lesson's panel. Extension → view: everything that the panel shows, always complete. View → extension: the button that
// was pressed.
import type { Lesson } from "./lesson";
import type { LessonPlan } from "./planLesson";
import type { Status } from "./status";
import type { View } from "./view";

export interface LessonView {
  workspace: string;
  model?: string;
  device?: Status["device"];
  plan: LessonPlan;
  /** Present when the lesson was started. Its curve holds all points. */
  lesson?: Lesson;
  /**
   * Why this window does not run the lesson: `interrupted`, the server that ran it is gone and another one can resume it from
   * its last checkpoint; `elsewhere`, it is open in another window and can only be controlled there.
   */
  detached?: "interrupted" | "elsewhere";
  /** The last action has not been answered yet. */
  waiting?: boolean;
  outcome?: LessonOutcome;
}

/** `kept` is the adapter's name. It is in use at `scale`, or not in use at 0. Without a path it was deleted later. */
export type LessonOutcome = { kept: string; path?: string; scale: number } | "discarded";

export type LessonAction =
  | { action: LessonCommand }
  | { action: "keep"; name: string; scale: number }
  /** Sets the scale of the adapter that was kept. */
  | { action: "scale"; scale: number };

/** Actions without parameters. */
export type LessonCommand =
  | "start"
  | "export"
  | "cancel"
  | "pause"
  | "resume"
  | "stop"
  | "discard"
  | "adapters"
  | "showLog";

/** What the user has typed or chosen in the panel and only the panel knows. */
export interface LessonChoices {
  filter: string;
  name: string;
  scale: number;
  /** Whether all files are shown, and not only the first few. */
  all: boolean;
}

export interface LessonKept {
  view: LessonView;
  choices: LessonChoices;
}

export const lessonView = "lesson" as View<LessonView, LessonAction, LessonKept>;
