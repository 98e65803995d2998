// A running lesson: passes the engine's events on to the client, with the progress and the time left, and pauses, resumes,
// stops or aborts the run.
import { type HeldOutLoss, type Report, sequenceLength } from "../../engine";
import type { Lesson } from "../../protocol";
import type { LessonEvent } from "../engine/messages";
import type { EngineProxy } from "../engine/proxy";
import type { LessonReporter } from "./reporter";
import type { StoredLesson } from "./stored";
import { createTiming } from "./timing";

export interface LessonRun {
  /** Settles at the end of the run. The report is undefined if the lesson was stopped before its first step. */
  readonly finished: Promise<Report | undefined>;
  readonly engine: EngineProxy;
  readonly isPaused: boolean;
  /** `reason` is shown to the user. */
  pause(reason?: string): void;
  resume(): void;
  /** Ends the run early: it takes no further step and is measured. */
  stop(): void;
  /** Ends the run at once, without measuring. `finished` rejects. */
  abort(): void;
}

export function startLesson(
  folder: string,
  lesson: StoredLesson,
  engine: EngineProxy,
  reporter: LessonReporter,
): LessonRun {
  const { plan, durations, options } = lesson;
  const abort = new AbortController();
  const timing = createTiming(durations, plan.steps);
  let paused = false;
  let stopping = false;
  /** The state to return to after a pause. */
  let state: Lesson["state"] = "measuring";

  function onEvent(event: LessonEvent) {
    if (event.kind === "unsaved") return reportPaused(`${event.problem}. Make room, then resume the lesson.`);
    timing.onEvent(event);
    const { progress, secondsLeft } = timing;
    reporter.update({ progress, secondsLeft });
    switch (event.kind) {
      case "begun":
        reporter.addPoints(
          ...event.losses.map((loss, i) => ({ step: i + 1, loss })),
          ...event.heldOut.map(heldOutPoint),
        );
        reporter.update({ step: event.losses.length, reason: event.problem });
        return enter(event.losses.length ? "training" : "measuring");
      case "measuring":
        if (event.what === "after") stopping = false;
        return enter(event.what === "between" ? "training" : "measuring");
      case "heldOut":
        return reporter.addPoints(heldOutPoint(event));
      case "step":
        reporter.addPoints({ step: event.step, loss: event.loss });
        reporter.update({
          step: event.step,
          tokensPerSecond: (1000 * options.size * sequenceLength(engine.info)) / event.milliseconds,
        });
        return enter("training");
    }
  }

  function enter(next: Lesson["state"]) {
    state = stopping ? "stopping" : next;
    if (!paused) reporter.update({ state });
  }

  function reportPaused(reason?: string) {
    paused = true;
    reporter.update({ state: "paused", reason });
  }

  reporter.update({ state, reason: undefined });
  return {
    finished: engine.runTask("teach", { folder }, abort.signal, onEvent),
    engine,
    get isPaused() {
      return paused;
    },
    pause(reason) {
      engine.suspendTasks(true);
      reportPaused(reason);
    },
    resume() {
      if (!paused) return;
      paused = false;
      engine.suspendTasks(false);
      reporter.update({ state, reason: undefined });
    },
    stop() {
      stopping = true;
      paused = false;
      state = "stopping";
      reporter.update({ state, reason: undefined });
      engine.stopLesson();
    },
    abort: () => abort.abort(),
  };
}

const heldOutPoint = ({ step, loss }: HeldOutLoss) => ({ step, heldOut: loss });
