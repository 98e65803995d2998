// Client → server: writes a planned lesson as a folder that a larger machine can run: dataset, configuration and a script for
// `trl` and `peft`. The resulting adapter is imported by `changeAdapter`.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface ExportLessonParams {
  id: string;
  folder: string;
}

export type ExportLessonResult = { files: string[] } | { problem: Problem };

export const exportLesson = "glassbox/exportLesson" as Request<ExportLessonParams, ExportLessonResult>;
