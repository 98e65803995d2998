// What the client makes of what the server tells of a lesson.
import type { Lesson, LessonView } from "../protocol";

type Curve = Lesson["curve"];

/** Only new points are told. What comes again replaces what was there: a lesson goes on from a step before its last. */
export function extended(curve: Curve, points: Curve): Curve {
  const first = Math.min(...points.map(({ step }) => step));
  const whole = new Map(curve.filter(({ step }) => step <= first).map((point) => [point.step, point]));
  for (const point of points) whole.set(point.step, { ...whole.get(point.step), ...point });
  return [...whole.values()];
}

/** Not planned, not over, not cut short, and not open in another window. */
export function isGoingOn({ lesson, interrupted, elsewhere }: LessonView): boolean {
  return !interrupted && !elsewhere && ["measuring", "training", "paused", "stopping"].includes(lesson?.state ?? "");
}
