// Client → server: controls a lesson. A lesson is open in one window at a time; while another window has it open, every action
// but `look` is refused.
import type { LessonPlace } from "./lesson";
import type { Request } from "./message";
import type { Problem } from "./status";

export interface ControlLessonParams {
  id: string;
  /**
   * - `look` returns the lesson's place; later changes of it are sent as `lessonPlace`.
   * - `start` starts a planned lesson, or resumes one whose server is gone.
   * - `pause` and `resume` it.
   * - `stop` ends it early: it is measured, and its adapter can be kept.
   * - `keep` stores its adapter, uses it in this workspace and removes the lesson.
   * - `discard` removes the lesson.
   */
  action: "look" | "start" | "pause" | "resume" | "stop" | "keep" | "discard";
  /** For `pause`: shown to the user. */
  reason?: string;
  /** For `keep`: the adapter's name. */
  name?: string;
}

export interface ControlLessonResult {
  /** For `keep`: the stored adapter, which the workspace uses from now on. Also set if it could not be applied to the model. */
  kept?: { path: string; name: string };
  /** For `look`, and for an action that was refused because the lesson is not free. */
  place?: LessonPlace;
  problem?: Problem;
}

export const controlLesson = "glassbox/controlLesson" as Request<ControlLessonParams, ControlLessonResult>;
