// A lesson while the engine gives it: what the engine tells is passed on, with how far it is and what time is left; it is
// held up, goes on, and ends early.
import { type HeldOutLoss, type Report, sequenceLength } from "../../engine";
import type { Lesson } from "../../protocol";
import type { LessonNews } from "../engine/messages";
import type { EngineProxy } from "../engine/proxy";
import type { StoredLesson } from "./stored";
import type { Telling } from "./telling";
import { createTiming } from "./timing";

export interface Giving {
  /** The engine has nothing more to do with it. No report where it was stopped before its first step. */
  readonly over: Promise<Report | undefined>;
  readonly engine: EngineProxy;
  readonly isPaused: boolean;
  /** `reason`: for the user. */
  pause(reason?: string): void;
  resume(): void;
  /** It takes no further step and is measured. */
  stop(): void;
  /** It is given up. */
  abort(): void;
}

export function give(folder: string, lesson: StoredLesson, engine: EngineProxy, telling: Telling): Giving {
  const { plan, durations, options } = lesson;
  const abort = new AbortController();
  const timing = createTiming(durations, plan.steps);
  let paused = false;
  let stopping = false;
  /** While it is not paused. */
  let state: Lesson["state"] = "measuring";

  function hear(news: LessonNews) {
    if (news.kind === "unsaved") return hold(`${news.problem}. Make room, and let it go on.`);
    timing.hear(news);
    const { progress, secondsLeft } = timing;
    telling.change({ progress, secondsLeft });
    switch (news.kind) {
      case "begun":
        telling.add(...news.losses.map((loss, i) => ({ step: i + 1, loss })), ...news.heldOut.map(heldOutPoint));
        telling.change({ step: news.losses.length, reason: news.problem });
        return enter(news.losses.length ? "training" : "measuring");
      case "measuring":
        if (news.what === "after") stopping = false;
        return enter(news.what === "between" ? "training" : "measuring");
      case "heldOut":
        return telling.add(heldOutPoint(news));
      case "step":
        telling.add({ step: news.step, loss: news.loss });
        telling.change({
          step: news.step,
          tokensPerSecond: (1000 * options.size * sequenceLength(engine.info)) / news.milliseconds,
        });
        return enter("training");
    }
  }

  function enter(next: Lesson["state"]) {
    state = stopping ? "stopping" : next;
    if (!paused) telling.change({ state });
  }

  function hold(reason?: string) {
    paused = true;
    telling.change({ state: "paused", reason });
  }

  telling.change({ state, reason: undefined });
  return {
    over: engine.do("teach", { folder }, abort.signal, hear),
    engine,
    get isPaused() {
      return paused;
    },
    pause(reason) {
      engine.hold(true);
      hold(reason);
    },
    resume() {
      if (!paused) return;
      paused = false;
      engine.hold(false);
      telling.change({ state, reason: undefined });
    },
    stop() {
      stopping = true;
      paused = false;
      state = "stopping";
      telling.change({ state, reason: undefined });
      engine.stopLesson();
    },
    abort: () => abort.abort(),
  };
}

const heldOutPoint = ({ step, loss }: HeldOutLoss) => ({ step, heldOut: loss });
