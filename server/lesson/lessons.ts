// The lesson that is open here, one at a time: planned, given, kept or discarded. What there is to know of it lies in the
// storage, so that another server goes on where this one was killed; while this one lives, nobody else touches it.
import { mkdir } from "node:fs/promises";
import { mismatch, readAdapter, type Split, type Text } from "../../engine";
import type { ControlLessonParams, ControlLessonResult, Lesson, LessonPlace } from "../../protocol";
import { keepAdapter } from "../adapters/kept";
import { useAdapter } from "../adapters/uses";
import type { Host } from "../engine/host";
import type { EngineProxy } from "../engine/proxy";
import { causeOf, problemOf } from "../problem";
import { type Giving, give } from "./giving";
import { isLocked, type Lock, takeLock } from "./lock";
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
import { createTelling, type Telling } from "./telling";

export interface Lessons {
  /**
   * Does what plans a lesson; of two at a time the newer one wins, and so does a lesson that is started meanwhile. Throws
   * where a lesson is going on.
   */
  plan<T>(stop: AbortController, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Puts a planned lesson into the storage, and opens it in the place of what was open here. */
  add(lesson: StoredLesson, material: Split<Text>): Promise<void>;
  control(params: ControlLessonParams): Promise<ControlLessonResult>;
  /** A model was loaded: a lesson that lost its own goes on, if it is that one. */
  modelLoaded(): void;
  /** Another window may open what is open here. */
  close(): Promise<void>;
}

export interface LessonsOptions {
  host: Host;
  storage(): string | undefined;
  workspace(): string;
  send(lesson: Lesson): void;
  log(line: string): void;
  /** Of a lesson that is not open here. */
  sendPlace(id: string, place: LessonPlace): void;
}

interface Open {
  id: string;
  storage: string;
  folder: string;
  lesson: StoredLesson;
  telling: Telling;
  lock: Lock;
  giving?: Giving;
  /** What becomes of `giving` was told. */
  settled?: Promise<void>;
  /** Its model is gone, and it goes on when that is back. */
  waits?: boolean;
}

/** Milliseconds between two looks at where a lesson is. */
const pace = 1000;

/** The lesson cannot be opened here. */
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
    if (current?.giving) throw new Error(goingOn);
    const folder = lessonFolder(place(), id);
    if (!folder || !(await isThere(lessonFiles(folder).plan))) throw new NotFree(gone, "gone");
    return take(folder, await readLesson(folder));
  }

  async function take(folder: string, lesson: StoredLesson): Promise<Open> {
    const lock = await takeLock(folder, () => lose(opened));
    if (!lock) throw new NotFree(elsewhere, "elsewhere");
    await close();
    clearInterval(watching);
    const { id, steps } = lesson.plan;
    const telling = createTelling(send, { id, state: "measuring", step: 0, steps, progress: 0 });
    const opened: Open = { id, storage: place(), folder, lesson, telling, lock };
    current = opened;
    return opened;
  }

  function place(): string {
    const place = storage();
    if (!place) throw new Error("This editor gave Glassbox no folder to keep lessons in.");
    return place;
  }

  async function close() {
    const last = current;
    current = undefined;
    last?.giving?.abort();
    await last?.settled;
    await last?.lock.release();
  }

  function lose(lost: Open) {
    if (current !== lost) return;
    current = undefined;
    lost.giving?.abort();
    lost.telling.change({ state: "failed", reason: "Its files were removed, or another window has taken it over." });
  }

  async function placeOf(id: string): Promise<LessonPlace> {
    const folder = lessonFolder(place(), id);
    if (!folder || !(await isThere(lessonFiles(folder).plan))) return "gone";
    return current?.id !== id && (await isLocked(folder)) ? "elsewhere" : "free";
  }

  /** Where it is; a change is told until the lesson is opened here, or another one is looked for. */
  async function look(id: string): Promise<LessonPlace> {
    clearInterval(watching);
    let last = await placeOf(id);
    const timer = setInterval(async () => {
      const next = await placeOf(id);
      if (next !== last && timer === watching) sendPlace(id, next);
      last = next;
    }, pace);
    timer.unref();
    watching = timer;
    return last;
  }

  async function stopPlanning() {
    planning?.stop.abort();
    await planning?.over.catch(() => {}); // it was told to whoever planned
  }

  async function start(opened: Open) {
    if (opened.giving) return opened.giving.resume();
    const { adapter } = lessonFiles(opened.folder);
    if (await isThere(adapter)) {
      const report = await readReport(opened.folder);
      return opened.telling.change({ state: "done", step: report.steps, progress: 1, report });
    }
    if (!fits(opened.lesson, host.engine)) throw new Error(otherModel(opened.lesson));
    begin(opened, host.engine);
  }

  function begin(opened: Open, engine: EngineProxy) {
    const { folder, lesson, telling } = opened;
    const giving = give(folder, lesson, engine, telling);
    opened.giving = giving;
    opened.waits = false;
    opened.settled = giving.over.then(
      (report) => end(report ? { state: "done", progress: 1, report } : { state: "stopped" }),
      (error) => end(ending(error)),
    );

    async function end(parts: Parameters<Telling["change"]>[0]) {
      await host.renew(engine); // completions need far less memory than training took
      opened.giving = undefined;
      if (current === opened) telling.change({ ...parts, secondsLeft: undefined });
    }

    function ending(error: Error): Parameters<Telling["change"]>[0] {
      if (host.engine === engine) {
        log(`The lesson failed. ${causeOf(error)}`);
        return { state: "failed", reason: error.message };
      }
      if (giving.isPaused) return {};
      opened.waits = true;
      return { state: "paused", reason: otherModel(lesson) };
    }
  }

  const actions: Record<
    Exclude<ControlLessonParams["action"], "look">,
    (opened: Open, more: More) => Promise<ControlLessonResult | void>
  > = {
    start,
    async pause({ giving }, { reason }) {
      if (!giving) throw new Error("The lesson is not going on.");
      giving.pause(reason);
    },
    resume: start,
    async stop(opened) {
      await start(opened);
      opened.giving?.stop();
    },
    async keep({ storage, folder, lesson, giving }, { name }) {
      const { adapter } = lessonFiles(folder);
      if (giving || !(await isThere(adapter))) throw new Error("The lesson is not over yet.");
      const kept = await keepAdapter(storage, { ...(await readAdapter(adapter)), name: name || lesson.name });
      await useAdapter(storage, workspace(), kept.path, 1, true);
      await close();
      await removeLesson(folder);
      const problem = await host.adapt();
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
      if (current?.giving) throw new Error(goingOn);
      const over = work(stop.signal);
      planning = { stop, over };
      return over.finally(() => {
        planning = undefined;
      });
    },
    async add(lesson, material) {
      await close();
      await tidyLessons(place(), lesson.workspace);
      const folder = lessonFolder(place(), lesson.plan.id)!;
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
      if (current?.waits && fits(current.lesson, host.engine)) begin(current, host.engine);
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
