// A lesson's progress and the time left, estimated from the planned durations of its phases and from those measured so far.
import { type Durations, measurementsBetween, type TrainingEvent, totalOf } from "../../engine";

export interface Timing {
  /** Updates the estimates. An event implies that everything before it is done. */
  onEvent(event: TrainingEvent): void;
  /** The share of the lesson that is done, measuring included, from 0 to 1. */
  readonly progress: number;
  readonly secondsLeft: number;
}

/** The phases of measuring. */
type Phase = "before" | "between" | "after";

export function createTiming(planned: Durations, steps: number): Timing {
  const total = totalOf(planned, steps);
  /** Of each measuring phase the share that is done, from 0 to 1, and the number of steps taken. */
  const done = { before: 0, between: 0, after: 0, steps: 0 };
  /** Steps taken by this run, and the milliseconds they took. */
  const spent = { steps: 0, milliseconds: 0 };
  /** Measured duration of a measuring phase, divided by the planned one. */
  let slowdown = 1;

  const duration = (phase: Phase) => planned[phase] * (phase === "between" ? measurementsBetween(steps) : 1);
  const remaining = (phase: Phase) => duration(phase) * (1 - done[phase]);

  return {
    onEvent(event) {
      if (event.kind === "begun" && event.heldOut.length) {
        done.before = 1;
        done.steps = event.losses.length;
      } else if (event.kind === "step") {
        done.before = 1;
        done.steps = event.step;
        spent.steps++;
        spent.milliseconds += event.milliseconds;
      } else if (event.kind === "measuring") {
        const { what, share, milliseconds } = event;
        if (planned[what] > 0 && share > 0) slowdown = milliseconds / (planned[what] * share);
        if (what !== "between") done[what] = share;
        if (what === "after") done.steps = steps; // a lesson that is stopped skips the rest of its steps
      }
      done.between = done.steps / steps;
    },
    get progress() {
      const measuring = remaining("before") + remaining("between") + remaining("after");
      return 1 - (measuring + (steps - done.steps) * planned.step) / total;
    },
    get secondsLeft() {
      const step = spent.steps ? spent.milliseconds / spent.steps : planned.step;
      const measuring = slowdown * (remaining("before") + remaining("between") + remaining("after"));
      return ((steps - done.steps) * step + measuring) / 1000;
    },
  };
}
