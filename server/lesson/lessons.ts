// The lesson that is given, one at a time: starts it, holds it up, ends it; keeps or discards what it has taught. What
// there is to know of it lies in the storage, so that another server goes on where this one was killed.
import { type HeldOutLoss, mismatch, readAdapter, sequenceLength } from "../../engine";
import type { ControlLessonParams, ControlLessonResult, Lesson } from "../../protocol";
import { keepAdapter } from "../adapters/kept";
import { useAdapter } from "../adapters/uses";
import type { Host } from "../engine/host";
import type { LessonNews } from "../engine/messages";
import type { EngineProxy } from "../engine/proxy";
import { isThere, lessonFiles, lessonFolder, readLesson, readReport, removeLesson, type StoredLesson } from "./stored";
import { createTelling, type Telling } from "./telling";

export interface Lessons {
  /** Whether one is given now, be it held up. */
  readonly isGoingOn: boolean;
  control(params: ControlLessonParams): Promise<ControlLessonResult>;
  /** A model was loaded: a lesson that lost its own goes on, if it is that one. */
  modelLoaded(): void;
}

export interface LessonsOptions {
  host: Host;
  storage(): string | undefined;
  workspace(): string;
  send(lesson: Lesson): void;
}

/** The last lesson that this server was asked about. */
interface Current {
  id: string;
  storage: string;
  folder: string;
  lesson: StoredLesson;
  telling: Telling;
  /** While it is given. */
  run?: Run;
  /** Its model is gone, and it goes on when that is back. */
  waits?: boolean;
}

interface Run {
  model: EngineProxy;
  stop: AbortController;
  over: Promise<void>;
  held: boolean;
  /** Where it is not held up. */
  state: Lesson["state"];
  /** Of the steps that were taken in it. */
  steps: number;
  milliseconds: number;
}

export function createLessons({ host, storage, workspace, send }: LessonsOptions): Lessons {
  let current: Current | undefined;

  async function open(id: string): Promise<Current> {
    if (current?.id === id) return current;
    if (current?.run) throw new Error("Another lesson is going on. Stop or discard it first.");
    const place = storage();
    const folder = place && lessonFolder(place, id);
    if (!folder) throw new Error("The lesson is no longer there. Plan another one.");
    const lesson = await readLesson(folder);
    const telling = createTelling(send, { id, state: "measuring", step: 0, steps: lesson.plan.steps });
    current = { id, storage: place, folder, lesson, telling };
    return current;
  }

  async function start(current: Current) {
    if (current.run) return resume(current);
    const { adapter } = lessonFiles(current.folder);
    if (await isThere(adapter)) {
      const report = await readReport(current.folder);
      return current.telling.change({ state: "done", step: report.steps, report });
    }
    if (!fits(current.lesson, host.model)) throw new Error(elsewhere(current.lesson));
    give(current, host.model);
  }

  function give(current: Current, model: EngineProxy) {
    const stop = new AbortController();
    const told = (news: LessonNews) => hear(current, run, news);
    const taught = model.do("teach", { folder: current.folder }, stop.signal, told);
    const over = taught.then(
      (report) => end(report ? { state: "done", report } : { state: "stopped" }),
      (error) => end(ending(error)),
    );
    const run: Run = { model, stop, over, held: false, state: "measuring", steps: 0, milliseconds: 0 };
    current.run = run;
    current.waits = false;
    current.telling.change({ state: "measuring", reason: undefined });

    function end(parts?: Parameters<Telling["change"]>[0]) {
      current.run = undefined;
      if (parts) current.telling.change({ ...parts, secondsLeft: undefined });
    }

    function ending(error: Error): Parameters<Telling["change"]>[0] | undefined {
      if (stop.signal.aborted) return undefined; // it is discarded
      if (host.model === model) return { state: "failed", reason: error.message };
      if (run.held) return {};
      current.waits = true;
      return { state: "paused", reason: elsewhere(current.lesson) };
    }
  }

  function resume({ run, telling }: Current) {
    if (!run?.held) return;
    run.held = false;
    run.model.hold(false);
    telling.change({ state: run.state, reason: undefined });
  }

  const actions: Record<
    ControlLessonParams["action"],
    (current: Current, more: More) => Promise<ControlLessonResult | void>
  > = {
    start,
    async pause({ run, telling }, { reason }) {
      if (!run) throw new Error("The lesson is not going on.");
      run.held = true;
      run.model.hold(true);
      telling.change({ state: "paused", reason });
    },
    resume: start,
    async stop(current) {
      await start(current);
      current.run?.model.stopLesson();
    },
    async keep({ storage, folder, lesson, run }, { name }) {
      const { adapter } = lessonFiles(folder);
      if (run || !(await isThere(adapter))) throw new Error("The lesson is not over yet.");
      const path = await keepAdapter(storage, { ...(await readAdapter(adapter)), name: name || lesson.name });
      await useAdapter(storage, workspace(), path, 1, true);
      current = undefined;
      await removeLesson(folder);
      const problem = await host.adapt();
      return { adapter: path, problem };
    },
    async discard({ folder, run }) {
      run?.stop.abort();
      await run?.over;
      current = undefined;
      await removeLesson(folder);
    },
  };

  return {
    get isGoingOn() {
      return current?.run !== undefined;
    },
    async control({ id, action, ...more }) {
      try {
        return (await actions[action](await open(id), more)) ?? {};
      } catch (error) {
        return { problem: { message: (error as Error).message, action: "showLog" } };
      }
    },
    modelLoaded() {
      if (current?.waits && fits(current.lesson, host.model)) give(current, host.model);
    },
  };
}

type More = Pick<ControlLessonParams, "reason" | "name">;

function fits(
  { model: { path, base, fillsInMiddle } }: StoredLesson,
  model: EngineProxy | undefined,
): model is EngineProxy {
  return model?.request.path === path && model.fillsInMiddle === fillsInMiddle && !mismatch(base, model.base, path);
}

const elsewhere = ({ model }: StoredLesson) => `The lesson is for ${model.name}. It goes on when that model is loaded.`;

/** What the engine's thread tells, as the client is to know it. */
function hear({ lesson: { options, plan }, telling }: Current, run: Run, news: LessonNews) {
  switch (news.kind) {
    case "begun":
      telling.add(...news.losses.map((loss, i) => ({ step: i + 1, loss })), ...news.heldOut.map(heldOutPoint));
      return telling.change({ step: news.losses.length, reason: news.problem });
    case "measuring":
      return enter("measuring");
    case "heldOut":
      telling.add(heldOutPoint(news));
      return enter("training");
    case "step": {
      run.steps++;
      run.milliseconds += news.milliseconds;
      const each = run.milliseconds / run.steps / 1000;
      telling.add({ step: news.step, loss: news.loss });
      telling.change({
        step: news.step,
        tokensPerSecond: (options.size * sequenceLength(run.model.info)) / each,
        secondsLeft: (plan.steps - news.step) * each,
      });
      return enter("training");
    }
    case "unsaved":
      run.held = true;
      return telling.change({ state: "paused", reason: `${news.problem}. Make room, and let it go on.` });
  }

  function enter(state: Lesson["state"]) {
    run.state = state;
    if (!run.held) telling.change({ state });
  }
}

const heldOutPoint = ({ step, loss }: HeldOutLoss) => ({ step, heldOut: loss });
