// The lesson that is open in this window, one at a time: planned, running, done, then kept or discarded. Its state is on disk,
// so that another server can resume it if this one is killed; its lock keeps other servers away until then.
import { mkdir } from "node:fs/promises";
import { mismatch, readAdapter, type Split, type Text } from "../../engine";
import type { ControlLessonParams, ControlLessonResult, Lesson, LessonPlace } from "../../protocol";
import { setAdapterScale } from "../adapters/inUse";
import { saveAdapter } from "../adapters/storage";
import { collectGarbage } from "../engine/collectGarbage";
import type { Host } from "../engine/host";
import type { EngineProxy } from "../engine/proxy";
import { causeOf, problemOf } from "../problem";
import { isLocked, type Lock, takeLock } from "./lock";
import { createReporter, type LessonReporter } from "./reporter";
import { type LessonRun, startLesson } from "./run";
import {
  isThere,
  lessonFiles,
  lessonFolder,
  readLesson,
  readReport,
  removeLesson,
  type StoredLesson,
  tidyLessons,
  writeLesson,
} from "./stored";

export interface Lessons {
  /**
   * Runs `work`, which plans a lesson. A newer call aborts it through `stop`, and so does starting a lesson. Throws if a
   * lesson is running.
   */
  plan<T>(stop: AbortController, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Stores a planned lesson and opens it in place of the one that was open. */
  add(lesson: StoredLesson, material: Split<Text>): Promise<void>;
  control(params: ControlLessonParams): Promise<ControlLessonResult>;
  /** Call it when a model was loaded: a lesson that was interrupted by the loss of this model is resumed. */
  modelLoaded(): void;
  /** Ends the run and releases the lock, so that another window may open the lesson. */
  close(): Promise<void>;
}

export interface LessonsOptions {
  host: Host;
  storage(): string | undefined;
  workspace(): string;
  send(lesson: Lesson): void;
  log(line: string): void;
  /** Reports the place of a lesson that is not open in this window. */
  sendPlace(id: string, place: LessonPlace): void;
}

interface Open {
  id: string;
  storage: string;
  folder: string;
  lesson: StoredLesson;
  reporter: LessonReporter;
  lock: Lock;
  run?: LessonRun;
  /** Settles when the outcome of `run` was reported. */
  settled?: Promise<void>;
  /** The run ended because its model was unloaded. It is resumed when that model is loaded again. */
  waitsForModel?: boolean;
}

/** Milliseconds between two checks of a lesson's place. */
const watchInterval = 1000;

/** The lesson cannot be opened in this window. */
class NotFree extends Error {
  constructor(
    message: string,
    readonly place: LessonPlace,
  ) {
    super(message);
  }
}

export function createLessons({ host, storage, workspace, send, sendPlace, log }: LessonsOptions): Lessons {
  let current: Open | undefined;
  let planning: { stop: AbortController; over: Promise<unknown> } | undefined;
  let watching: NodeJS.Timeout | undefined;

  async function open(id: string): Promise<Open> {
    if (current?.id === id) return current;
    if (current?.run) throw new Error(goingOn);
    const folder = await folderOf(id);
    if (!folder) throw new NotFree(gone, "gone");
    return take(folder, await readLesson(folder));
  }

  async function take(folder: string, lesson: StoredLesson): Promise<Open> {
    const lock = await takeLock(folder, () => lose(opened));
    if (!lock) throw new NotFree(elsewhere, "elsewhere");
    await close();
    clearInterval(watching);
    const { id, steps } = lesson.plan;
    const reporter = createReporter(send, { id, state: "measuring", step: 0, steps, progress: 0 });
    const opened: Open = { id, storage: storageFolder(), folder, lesson, reporter, lock };
    current = opened;
    return opened;
  }

  function storageFolder(): string {
    const folder = storage();
    if (!folder) throw new Error("This editor gave Glassbox no folder to keep lessons in.");
    return folder;
  }

  /** The folder of a stored lesson; undefined if there is none. */
  async function folderOf(id: string): Promise<string | undefined> {
    const folder = lessonFolder(storageFolder(), id);
    return folder && (await isThere(lessonFiles(folder).plan)) ? folder : undefined;
  }

  async function close() {
    const last = current;
    current = undefined;
    last?.run?.abort();
    await last?.settled;
    await last?.lock.release();
  }

  function lose(lost: Open) {
    if (current !== lost) return;
    current = undefined;
    lost.run?.abort();
    lost.reporter.update({ state: "failed", reason: "Its files were removed, or another window has taken it over." });
  }

  async function placeOf(id: string): Promise<LessonPlace> {
    const folder = await folderOf(id);
    if (!folder) return "gone";
    return current?.id !== id && (await isLocked(folder)) ? "elsewhere" : "free";
  }

  /** Returns the lesson's place, and reports changes of it until a lesson is opened here or another one is watched. */
  async function look(id: string): Promise<LessonPlace> {
    clearInterval(watching);
    let last = await placeOf(id);
    const timer = setInterval(async () => {
      const next = await placeOf(id);
      if (next !== last && timer === watching) sendPlace(id, next);
      last = next;
    }, watchInterval);
    timer.unref();
    watching = timer;
    return last;
  }

  async function stopPlanning() {
    planning?.stop.abort();
    await planning?.over.catch(() => {}); // `plan` rejects with it
  }

  async function start(opened: Open) {
    if (opened.run) return opened.run.resume();
    const { adapter } = lessonFiles(opened.folder);
    if (await isThere(adapter)) {
      const report = await readReport(opened.folder);
      return opened.reporter.update({ state: "done", step: report.steps, progress: 1, report });
    }
    if (!fits(opened.lesson, host.engine)) throw new Error(otherModel(opened.lesson));
    begin(opened, host.engine);
  }

  function begin(opened: Open, engine: EngineProxy) {
    const { folder, lesson, reporter } = opened;
    const run = startLesson(folder, lesson, engine, reporter);
    opened.run = run;
    opened.waitsForModel = false;
    opened.settled = run.finished.then(
      (report) => end(report ? { state: "done", progress: 1, report } : { state: "stopped" }),
      (error) => end(ending(error)),
    );

    async function end(parts: Parameters<LessonReporter["update"]>[0]) {
      await host.replaceWorker(engine); // completions need far less memory than training took
      opened.run = undefined;
      if (current === opened) reporter.update({ ...parts, secondsLeft: undefined });
    }

    function ending(error: Error): Parameters<LessonReporter["update"]>[0] {
      if (host.engine === engine) {
        log(`The lesson failed. ${causeOf(error)}`);
        return { state: "failed", reason: error.message };
      }
      if (run.isPaused) return {};
      opened.waitsForModel = true;
      return { state: "paused", reason: otherModel(lesson) };
    }
  }

  const actions: Record<
    Exclude<ControlLessonParams["action"], "look">,
    (opened: Open, more: More) => Promise<ControlLessonResult | void>
  > = {
    start,
    async pause({ run }, { reason }) {
      if (!run) throw new Error("The lesson is not going on.");
      run.pause(reason);
    },
    resume: start,
    async stop(opened) {
      await start(opened);
      opened.run?.stop();
    },
    async keep({ storage, folder, lesson, run }, { name }) {
      const { adapter } = lessonFiles(folder);
      if (run || !(await isThere(adapter))) throw new Error("The lesson is not over yet.");
      const kept = await saveAdapter(storage, { ...(await readAdapter(adapter)), name: name || lesson.name });
      await setAdapterScale(storage, workspace(), kept.path, 1, true);
      await close();
      await removeLesson(folder);
      const problem = await host.adapt();
      collectGarbage(); // what was read and written
      return { kept, problem };
    },
    async discard({ folder }) {
      await close();
      await removeLesson(folder);
    },
  };

  return {
    async plan(stop, work) {
      await stopPlanning();
      if (current?.run) throw new Error(goingOn);
      const over = work(stop.signal);
      planning = { stop, over };
      return over.finally(() => {
        planning = undefined;
      });
    },
    async add(lesson, material) {
      await close();
      await tidyLessons(storageFolder(), lesson.workspace);
      const folder = lessonFolder(storageFolder(), lesson.plan.id)!;
      await mkdir(folder, { recursive: true });
      await take(folder, lesson);
      await writeLesson(folder, lesson, material);
    },
    async control({ id, action, ...more }) {
      try {
        if (action === "look") return { place: await look(id) };
        if (action === "start") await stopPlanning();
        return (await actions[action](await open(id), more)) ?? {};
      } catch (error) {
        return { problem: problemOf(error), place: error instanceof NotFree ? error.place : undefined };
      }
    },
    modelLoaded() {
      if (current?.waitsForModel && fits(current.lesson, host.engine)) begin(current, host.engine);
    },
    close,
  };
}

type More = Pick<ControlLessonParams, "reason" | "name">;

function fits(
  { model: { path, base, fillsInMiddle } }: StoredLesson,
  engine: EngineProxy | undefined,
): engine is EngineProxy {
  return engine?.request.path === path && engine.fillsInMiddle === fillsInMiddle && !mismatch(base, engine.base, path);
}

const otherModel = ({ model }: StoredLesson) =>
  `The lesson is for ${model.name}. It goes on when that model is loaded.`;
const goingOn = "A lesson is going on. Stop or discard it first.";
const gone = "The lesson is no longer there. Plan another one.";
const elsewhere = "The lesson is open in another window. Go on with it there, or close that window first.";
