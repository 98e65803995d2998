// The report of a fine-tuning: the same measurements before and after.

import { isExact, type NextLine } from "./nextLines";
import { permutation } from "./random";

export interface Measured {
  /** Nats a token. */
  heldOutLoss: number;
  replayLoss: number;
  /** What was written for each line. */
  written: string[];
}

// Types and not interfaces, since a report is a Json value too, in the adapter's metadata.

export type BeforeAfter = { before: number; after: number };

export type Report = {
  heldOutLoss: BeforeAfter;
  replayLoss: BeforeAfter;
  /** The share of lines that were written exactly. */
  exactMatch: BeforeAfter & { lines: number };
  examples: { path: string; prompt: string; truth: string; before: string; after: string }[];
  minutes: number;
  steps: number;
};

const exampleCount = 3;
/** Lines of the prompt that an example shows. */
const shown = 8;

export function reportOf(
  lines: readonly NextLine[],
  before: Measured,
  after: Measured,
  spent: Pick<Report, "minutes" | "steps">,
): Report {
  const exact = ({ written }: Measured) =>
    lines.filter((line, i) => isExact(line, written[i])).length / Math.max(1, lines.length);
  return {
    heldOutLoss: { before: before.heldOutLoss, after: after.heldOutLoss },
    replayLoss: { before: before.replayLoss, after: after.replayLoss },
    exactMatch: { before: exact(before), after: exact(after), lines: lines.length },
    examples: examplesOf(lines, before.written, after.written),
    ...spent,
  };
}

/** Draws examples at random, good or bad; lines that are written differently after training come first. */
function examplesOf(lines: readonly NextLine[], before: string[], after: string[]): Report["examples"] {
  const order = [...permutation(lines.length, 0)];
  const changed = order.filter((i) => before[i] !== after[i]);
  const same = order.filter((i) => before[i] === after[i]);
  return [...changed, ...same].slice(0, exampleCount).map((i) => {
    const { path, before: text, truth } = lines[i];
    const prompt = text.split("\n").slice(-shown).join("\n");
    return { path, prompt, truth, before: before[i], after: after[i] };
  });
}
