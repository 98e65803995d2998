// How far a lesson is, and what time is left: from what its parts were planned to take, and from what they took so far.
import { type Durations, measurementsBetween, type News, totalOf } from "../../engine";

export interface Timing {
  /** All is done that comes before a step's end, or a share of measuring. */
  hear(news: News): void;
  /** Share of the whole, measuring included, 0 to 1. */
  readonly progress: number;
  readonly secondsLeft: number;
}

type Part = "before" | "between" | "after";

export function createTiming(planned: Durations, steps: number): Timing {
  const total = totalOf(planned, steps);
  /** Shares that are done of the measuring, and steps. */
  const done = { before: 0, between: 0, after: 0, steps: 0 };
  /** What was measured: milliseconds of a step, and how much slower measuring is than planned. */
  const spent = { steps: 0, milliseconds: 0 };
  let slower = 1;

  const measuring = (part: Part) => planned[part] * (part === "between" ? measurementsBetween(steps) : 1);
  const left = (part: Part) => measuring(part) * (1 - done[part]);

  return {
    hear(news) {
      if (news.kind === "begun" && news.heldOut.length) {
        done.before = 1;
        done.steps = news.losses.length;
      } else if (news.kind === "step") {
        done.before = 1;
        done.steps = news.step;
        spent.steps++;
        spent.milliseconds += news.milliseconds;
      } else if (news.kind === "measuring") {
        const { what, share, milliseconds } = news;
        if (planned[what] > 0 && share > 0) slower = milliseconds / (planned[what] * share);
        if (what !== "between") done[what] = share;
        if (what === "after") done.steps = steps; // it may have been stopped
      }
      done.between = done.steps / steps;
    },
    get progress() {
      return 1 - (left("before") + (steps - done.steps) * planned.step + left("between") + left("after")) / total;
    },
    get secondsLeft() {
      const step = spent.steps ? spent.milliseconds / spent.steps : planned.step;
      const measured = slower * (left("before") + left("between") + left("after"));
      return ((steps - done.steps) * step + measured) / 1000;
    },
  };
}
