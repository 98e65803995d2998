// Lessons in the storage, a folder each: what was planned and on what, how far it has come, and what it has taught.
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
  /** Of its adapter, where nobody gives it another. */
  name: string;
  options: FineTuningOptions;
  /** As planned. */
  durations: Durations;
  /** It is given to this model and no other. */
  model: { path: string; name: string; base: AdapterBase; fillsInMiddle: boolean };
  workspace: string;
}

export interface LessonFiles {
  plan: string;
  material: string;
  /** A folder. */
  progress: string;
  /** With lines of the workspace, which stay here. There once it is over. */
  report: string;
  /** The same, and the last to be written. */
  adapter: string;
}

const lessonsIn = (storage: string) => join(storage, "lessons");

/** Undefined where the id is none of ours. */
export const lessonFolder = (storage: string, id: string): string | undefined =>
  /^[\w-]+$/.test(id) ? join(lessonsIn(storage), id) : undefined;

export const lessonFiles = (folder: string): LessonFiles => ({
  plan: join(folder, "plan.json"),
  material: join(folder, "material.json"),
  progress: join(folder, "progress"),
  report: join(folder, "report.json"),
  adapter: join(folder, "adapter.gguf"),
});

/** Into a folder that is there. Throws CheckpointError where the disk is full. */
export async function writeLesson(folder: string, lesson: StoredLesson, material: Split<Text>): Promise<void> {
  const files = lessonFiles(folder);
  await writeWhole({
    [files.material]: (file) => file.writeFile(JSON.stringify(material)),
    [files.plan]: (file) => file.writeFile(JSON.stringify(lesson)),
  });
}

/** Throws CheckpointError, with a sentence for the user, where it is not there or damaged. */
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

const oldest = 30 * 24 * 3600_000;

/**
 * Removes what nobody can come back to: this workspace's lessons that taught nothing yet, and what is a month old. What is
 * open in a window stays.
 */
export async function tidyLessons(storage: string, workspace: string): Promise<void> {
  const ids = await readdir(lessonsIn(storage)).catch(() => []);
  for (const id of ids) {
    const folder = join(lessonsIn(storage), id);
    if (await isLocked(folder)) continue;
    const lesson = await readLesson(folder).catch(() => undefined);
    const own = lesson?.workspace === workspace && !(await isThere(lessonFiles(folder).adapter));
    const { mtimeMs } = await stat(folder);
    if (own || Date.now() - mtimeMs > oldest) await removeLesson(folder);
  }
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
