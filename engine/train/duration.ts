// How much a fine-tuning is measured, and how long all of it takes: its steps, and the measuring before, between and after.

import type { FineTuningOptions } from "./fineTuning";

/** What a machine takes for the parts of a fine-tuning, in milliseconds. */
export interface Speed {
  /** A step. */
  step: number;
  /** The loss of a sequence. */
  loss: number;
  /** A token of a prompt, and a token that is written. */
  read: number;
  write: number;
}

/** What is held out of the project, in tokens; `prose` without the pairs, of which no lines are written. */
export interface HeldOutTokens {
  all: number;
  prose: number;
}

/** In milliseconds. `between` is one of the measurements between. */
export interface Durations {
  before: number;
  step: number;
  between: number;
  after: number;
}

/** The loss on what is held out is measured before, after, and after every quarter of the steps. */
const quarters = 4;

export const isMeasuredAfter = (step: number, steps: number): boolean =>
  step < steps && step % Math.ceil(steps / quarters) === 0;

export const measurementsBetween = (steps: number): number => Math.ceil(steps / Math.ceil(steps / quarters)) - 1;

/** Tokens of the prompt and the line that is written after it. */
export const lineContext = 1024;

/** The most that is measured: the longer the fine-tuning, the more. Sequences of the project, and as many of replay data. */
export const measuredAmount = (steps: number, size: number): { sequences: number; lines: number } => ({
  sequences: within(Math.round((steps * size) / 20), 8, 40),
  lines: within(steps, 20, 100),
});

/** Tokens of a usual line, and how often a file is read while lines in it are written, for what stands before them moves. */
const line = 14;
const rereads = 1.5;

export function durationsOf(
  { steps, size }: Pick<FineTuningOptions, "steps" | "size">,
  speed: Speed,
  heldOut: HeldOutTokens,
  sequenceLength: number,
): Durations {
  const { sequences, lines } = measuredAmount(steps, size);
  const ofProject = speed.loss * Math.min(sequences, Math.ceil(heldOut.all / sequenceLength));
  const reading = speed.read * Math.min(lines * lineContext, rereads * heldOut.prose);
  const writing = heldOut.prose ? speed.write * lines * line : 0;
  const whole = ofProject + speed.loss * sequences + reading + writing;
  return { before: whole, step: speed.step, between: ofProject, after: whole };
}

export const totalOf = ({ before, step, between, after }: Durations, steps: number): number =>
  before + steps * step + measurementsBetween(steps) * between + after;

/** Reading the same for a fourth time still teaches about as much as reading something new (arXiv:2305.16264). */
const mostEpochs = 4;

/** As many steps as there is time for and sense in: so many take `total(steps)`, and `epoch` steps read everything once. */
export function stepsWithin(minutes: number, epoch: number, total: (steps: number) => number): number {
  const [low, high] = [1, Math.max(1, Math.ceil(mostEpochs * epoch))];
  let steps = low;
  for (let more = 2 ** Math.floor(Math.log2(high)); more >= 1; more /= 2)
    if (steps + more <= high && total(steps + more) <= minutes * 60_000) steps += more;
  return steps;
}

const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
