// What a lesson on the workspace's files would take, with a progress bar that can be cancelled.
import type { PlanLessonParams, PlanLessonResult } from "../../protocol";
import type { Context } from "../context";
import { planned } from "../lesson/planning";

export async function planLesson(context: Context, params: PlanLessonParams): Promise<PlanLessonResult> {
  const stopped = new AbortController();
  const progress = await context.connection.window.createWorkDoneProgress();
  progress.token.onCancellationRequested(() => stopped.abort());
  progress.begin("Planning the lesson", 0, undefined, true);
  try {
    const report = (share: number, what: string) => progress.report(Math.floor(100 * share), what);
    return { plan: await planned(context, params, { signal: stopped.signal, report }) };
  } catch (error) {
    if (stopped.signal.aborted) return { cancelled: true };
    return { problem: { message: (error as Error).message, action: "showLog" } };
  } finally {
    progress.done();
  }
}
