// The learning rate over a training: linear warm-up, then cosine decay to a share of the peak (arXiv:1608.03983).

export interface Schedule {
  /** The highest learning rate. */
  peak: number;
  steps: number;
  /** Steps of the warm-up. */
  warmUp: number;
  /** The last rate, as a share of the peak. */
  floor: number;
}

/** The rate of a step, counted from 1. */
export function rateAt(step: number, { peak, steps, warmUp, floor }: Schedule): number {
  if (step <= warmUp) return (peak * step) / warmUp;
  const done = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
  return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * done))) / 2);
}
