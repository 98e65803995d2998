// Lessons on disk, a folder each: the plan, the texts, the training's progress and, at its end, the report and the adapter.
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type AdapterBase,
  CheckpointError,
  type Durations,
  type FineTuningOptions,
  type Report,
  type Split,
  type Text,
  writeWhole,
} from "../../engine";
import type { LessonPlan } from "../../protocol";
import { isLocked } from "./lock";

export interface StoredLesson {
  plan: LessonPlan;
  /** The adapter's name, unless the user chooses another. */
  name: string;
  options: FineTuningOptions;
  /** The planned ones. */
  durations: Durations;
  /** The only model that the lesson can be run on. */
  model: { path: string; name: string; base: AdapterBase; fillsInMiddle: boolean };
  workspace: string;
}

export interface LessonFiles {
  plan: string;
  material: string;
  /** A folder. */
  progress: string;
  /** Written at the end. It quotes lines of the workspace, so it is never exported. */
  report: string;
  /** Written last: where it exists, the lesson is done. */
  adapter: string;
}

const lessonsIn = (storage: string) => join(storage, "lessons");

/** Undefined if the id cannot be one of a lesson. */
export const lessonFolder = (storage: string, id: string): string | undefined =>
  /^[\w-]+$/.test(id) ? join(lessonsIn(storage), id) : undefined;

export const lessonFiles = (folder: string): LessonFiles => ({
  plan: join(folder, "plan.json"),
  material: join(folder, "material.json"),
  progress: join(folder, "progress"),
  report: join(folder, "report.json"),
  adapter: join(folder, "adapter.gguf"),
});

/** The folder must exist. Throws CheckpointError if the files cannot be written. */
export async function writeLesson(folder: string, lesson: StoredLesson, material: Split<Text>): Promise<void> {
  const files = lessonFiles(folder);
  await writeWhole({
    [files.material]: (file) => file.writeFile(JSON.stringify(material)),
    [files.plan]: (file) => file.writeFile(JSON.stringify(lesson)),
  });
}

/** These throw CheckpointError, with a sentence for the user, if the file is missing or damaged. */
export const readLesson = (folder: string) => readJson<StoredLesson>(lessonFiles(folder).plan);
export const readMaterial = (folder: string) => readJson<Split<Text>>(lessonFiles(folder).material);
export const readReport = (folder: string) => readJson<Report>(lessonFiles(folder).report);

async function readJson<T>(path: string): Promise<T> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") throw new CheckpointError("The lesson is no longer there. Plan another one.");
    throw error;
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`The lesson cannot be read: ${path} is damaged (${(error as Error).message}).`);
  }
}

export const removeLesson = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Milliseconds. */
const maxAge = 30 * 24 * 3600_000;

/** Removes this workspace's unfinished lessons and all that are older than `maxAge`, except those open in a window. */
export async function tidyLessons(storage: string, workspace: string): Promise<void> {
  const ids = await readdir(lessonsIn(storage)).catch(() => []);
  for (const id of ids) {
    const folder = join(lessonsIn(storage), id);
    if (await isLocked(folder)) continue;
    const lesson = await readLesson(folder).catch(() => undefined);
    const own = lesson?.workspace === workspace && !(await isThere(lessonFiles(folder).adapter));
    const { mtimeMs } = await stat(folder);
    if (own || Date.now() - mtimeMs > maxAge) await removeLesson(folder);
  }
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
