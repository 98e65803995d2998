// Plans a lesson, with progress that the user can cancel.
import type { PlanLessonParams, PlanLessonResult } from "../../protocol";
import type { Context } from "../context";
import { createPlan } from "../lesson/planning";
import { problemOf } from "../problem";

export async function planLesson(context: Context, params: PlanLessonParams): Promise<PlanLessonResult> {
  const stop = new AbortController();
  const progress = await context.connection.window.createWorkDoneProgress();
  progress.token.onCancellationRequested(() => stop.abort());
  progress.begin("Planning the lesson", 0, undefined, true);
  try {
    const report = (share: number, what: string) => progress.report(Math.floor(100 * share), what);
    const plan = await context.lessons.plan(stop, (signal) => createPlan(context, params, { signal, report }));
    return { plan };
  } catch (error) {
    if (stop.signal.aborted) return { cancelled: true };
    return { problem: problemOf(error) };
  } finally {
    progress.done();
  }
}
