// Plans a fine-tuning's time: how much is measured before, between and after its steps, and how long each part takes.

import type { FineTuningOptions } from "./fineTuning";

/** How long this machine takes for the parts of a fine-tuning, in milliseconds. */
export interface Speed {
  /** A step. */
  step: number;
  /** The loss of a sequence. */
  loss: number;
  /** A token of a prompt. */
  read: number;
  /** A token that is written. */
  write: number;
}

/** The project's held-out tokens; `prose` are those of documents, whose lines are written, and not of pairs. */
export interface HeldOutTokens {
  all: number;
  prose: number;
}

/** Milliseconds of each part. `step` is one step, `between` one of the measurements between steps. */
export interface Durations {
  before: number;
  step: number;
  between: number;
  after: number;
}

/** The held-out loss is measured before, after each quarter of the steps, and after. */
const quarters = 4;

export const isMeasuredAfter = (step: number, steps: number): boolean =>
  step < steps && step % Math.ceil(steps / quarters) === 0;

export const measurementsBetween = (steps: number): number => Math.ceil(steps / Math.ceil(steps / quarters)) - 1;

/** Tokens of the prompt and the line that is written after it. */
export const lineContext = 1024;

/** How much is measured, at most: sequences of the project, as many of the replay data, and lines. Longer runs measure more. */
export const measuredAmount = (steps: number, size: number): { sequences: number; lines: number } => ({
  sequences: within(Math.round((steps * size) / 20), 4, 40),
  lines: within(steps, 10, 100),
});

/** Tokens of a usual line, and how often a file is read while its lines are written: the prompt's start moves with them. */
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
const maxEpochs = 4;

/**
 * The most steps whose `total`, in milliseconds, is within `minutes`, and that read everything four times at most; at least
 * one. `epoch` steps read everything once.
 */
export function stepsWithin(minutes: number, epoch: number, total: (steps: number) => number): number {
  const [low, high] = [1, Math.max(1, Math.ceil(maxEpochs * epoch))];
  let steps = low;
  for (let more = 2 ** Math.floor(Math.log2(high)); more >= 1; more /= 2)
    if (steps + more <= high && total(steps + more) <= minutes * 60_000) steps += more;
  return steps;
}

const within = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));
