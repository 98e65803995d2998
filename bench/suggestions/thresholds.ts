// How the confidence of suggestions tells right from wrong: what is right when shown, and what is shown, by threshold.

import type { Answer } from "./answers";

/** What is shown if only suggestions of at least this confidence are. */
export interface Point {
  threshold: number;
  /** The share of all holes that is shown. */
  shown: number;
  /** The share of those that is right. */
  right: number;
}

/** By the threshold, the lowest one last. What is not shown at any threshold counts as a hole. */
export function curve(answers: readonly Answer[]): Point[] {
  const sorted = answers.filter(({ shown }) => shown).sort((a, b) => b.confidence - a.confidence);
  let right = 0;
  const points = sorted.map(({ exact, confidence }, i) => {
    if (exact) right++;
    return { threshold: confidence, shown: (i + 1) / answers.length, right: right / (i + 1) };
  });
  return points.filter(({ threshold }, i) => threshold !== points[i + 1]?.threshold);
}

/** The point that shows most while at least so many are right; undefined if there is none. */
export const widest = (points: readonly Point[], right: number): Point | undefined =>
  points.filter((point) => point.right >= right).at(-1);
