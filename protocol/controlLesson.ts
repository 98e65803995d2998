// Client → server: to start a planned lesson, or one that was cut short; to hold it up, to go on, to end it early (it is
// then measured and may be kept), to keep or discard what it has taught.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface ControlLessonParams {
  id: string;
  action: "start" | "pause" | "resume" | "stop" | "keep" | "discard";
  /** Of `pause`: for the user. */
  reason?: string;
  /** Of `keep`: what the adapter is called. */
  name?: string;
}

/** `adapter`: of `keep`, the path of the adapter, which is in use in this workspace from then on. */
/** `adapter`: where it is kept, even where there was a problem in putting it on the model. */
export type ControlLessonResult = { adapter?: string; problem?: Problem };

export const controlLesson = "glassbox/controlLesson" as Request<ControlLessonParams, ControlLessonResult>;
