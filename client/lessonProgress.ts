// Puts together the client's state of a lesson from the server's notifications.
import type { Lesson, LessonView } from "../protocol";

type Curve = Lesson["curve"];

/** Adds new points to the curve. A lesson may resume from an earlier step: points from there on are replaced. */
export function extended(curve: Curve, points: Curve): Curve {
  const first = Math.min(...points.map(({ step }) => step));
  const whole = new Map(curve.filter(({ step }) => step <= first).map((point) => [point.step, point]));
  for (const point of points) whole.set(point.step, { ...whole.get(point.step), ...point });
  return [...whole.values()];
}

/** Whether the lesson was started and has neither ended nor failed. */
export const isUnfinished = ({ lesson }: LessonView): boolean =>
  ["measuring", "training", "paused", "stopping"].includes(lesson?.state ?? "");

/** Whether the lesson is running or paused in this window. */
export const isGoingOn = (view: LessonView): boolean => !view.detached && isUnfinished(view);
