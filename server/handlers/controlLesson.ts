// Starts, pauses, resumes or stops a lesson, and keeps or discards its adapter.
import type { ControlLessonParams, ControlLessonResult } from "../../protocol";
import type { Context } from "../context";

export const controlLesson = ({ lessons }: Context, params: ControlLessonParams): Promise<ControlLessonResult> =>
  lessons.control(params);
