// Starts a lesson, holds it up, ends it; keeps or discards what it has taught.
import type { ControlLessonParams, ControlLessonResult } from "../../protocol";
import type { Context } from "../context";

export const controlLesson = ({ lessons }: Context, params: ControlLessonParams): Promise<ControlLessonResult> =>
  lessons.control(params);
