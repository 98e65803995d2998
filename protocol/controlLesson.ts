// Client → server: to start a planned lesson, or one that was cut short; to hold it up, to go on, to end it early (it is
// then measured and may be kept), to keep or discard what it has taught. A lesson is open in one window at a time: where
// it is another one's, nothing is done.
import type { LessonPlace } from "./lesson";
import type { Request } from "./message";
import type { Problem } from "./status";

export interface ControlLessonParams {
  id: string;
  /** `look`: only to learn where it is, and, by `lessonPlace`, when that changes. */
  action: "look" | "start" | "pause" | "resume" | "stop" | "keep" | "discard";
  /** Of `pause`: for the user. */
  reason?: string;
  /** Of `keep`: what the adapter is called. */
  name?: string;
}

export interface ControlLessonResult {
  /** Of `keep`: what was kept, even where there was a problem in putting it on the model. It is in use here from then on. */
  kept?: { path: string; name: string };
  /** Of `look`, and where nothing could be done because the lesson is not free. */
  place?: LessonPlace;
  problem?: Problem;
}

export const controlLesson = "glassbox/controlLesson" as Request<ControlLessonParams, ControlLessonResult>;
