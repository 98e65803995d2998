// Exports a planned lesson as a folder that a larger machine can run.
import type { ExportLessonParams, ExportLessonResult } from "../../protocol";
import type { Context } from "../context";
import { writeJob } from "../lesson/job/write";
import { lessonFolder, readLesson } from "../lesson/stored";
import { problemOf } from "../problem";

export async function exportLesson(
  { storage, host: { engine } }: Context,
  { id, folder: target }: ExportLessonParams,
): Promise<ExportLessonResult> {
  try {
    const folder = storage && lessonFolder(storage, id);
    if (!folder) throw new Error("The lesson is no longer there. Plan another one.");
    const lesson = await readLesson(folder);
    if (engine?.request.path !== lesson.model.path)
      throw new Error(`The lesson is for ${lesson.model.name}. Select that model, and export it again.`);
    return { files: await writeJob(engine, folder, lesson, target) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
