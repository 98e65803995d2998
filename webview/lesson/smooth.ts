// The two series of a lesson's curve, and the smoothing of the noisy one.
import type { Lesson } from "../../protocol";

export interface Point {
  step: number;
  value: number;
}

export const losses = ({ curve }: Lesson): Point[] =>
  curve.flatMap(({ step, loss }) => (loss === undefined ? [] : [{ step, value: loss }]));

export const heldOut = ({ curve }: Lesson): Point[] =>
  curve.flatMap(({ step, heldOut }) => (heldOut === undefined ? [] : [{ step, value: heldOut }]));

/** An exponential moving average over about a tenth of the steps, with Adam's bias correction. */
export function smooth(points: Point[]): Point[] {
  const keep = 1 - 2 / (Math.min(60, Math.max(4, points.length / 10)) + 1);
  let sum = 0;
  let weight = 0;
  return points.map(({ step, value }) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return { step, value: sum / weight };
  });
}
