// Extension ↔ the lesson's panel. Extension → view: all that the panel shows, always whole. View → extension: what was
// pressed in it.
import type { Lesson } from "./lesson";
import type { LessonPlan } from "./planLesson";
import type { Status } from "./status";
import type { View } from "./view";

export interface LessonView {
  workspace: string;
  model?: string;
  device?: Status["device"];
  plan: LessonPlan;
  /** Once it was started; its curve holds every point. */
  lesson?: Lesson;
  /** The server that gave the lesson is gone; another can go on from the last checkpoint. */
  interrupted?: boolean;
  /** It is open in another window, which alone can do something with it. */
  elsewhere?: boolean;
  /** What was pressed last is not answered yet. */
  waiting?: boolean;
  outcome?: LessonOutcome;
}

/** Of a lesson that was given. A kept one is in use at `scale`, or not, at 0; without a path it was deleted since. */
export type LessonOutcome = { kept: string; path?: string; scale: number } | "discarded";

export type LessonAction =
  | { action: LessonCommand }
  | { action: "keep"; name: string; scale: number }
  /** Of what was kept. */
  | { action: "scale"; scale: number };

/** Those that need no more words. */
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

/** What one has typed or chosen in the panel, which nobody else knows of. */
export interface LessonChoices {
  filter: string;
  name: string;
  scale: number;
  /** All files, and not the first few alone. */
  all: boolean;
}

export interface LessonKept {
  view: LessonView;
  choices: LessonChoices;
}

export const lessonView = "lesson" as View<LessonView, LessonAction, LessonKept>;
