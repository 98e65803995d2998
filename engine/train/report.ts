// What a fine-tuning has brought: the same measurements before and after.

import { isExact, type NextLine } from "./nextLines";
import { permutation } from "./random";

export interface Measured {
  /** Nats a token. */
  heldOutLoss: number;
  replayLoss: number;
  /** What was written for each line. */
  written: string[];
}

// Not interfaces: a report is also JSON, in the metadata of the adapter.

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
/** Lines of a prompt that are shown. */
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

/** Drawn by chance, whatever became of them; but where a line is written as before there is nothing to see. */
function examplesOf(lines: readonly NextLine[], before: string[], after: string[]): Report["examples"] {
  const order = [...permutation(lines.length, 0)];
  const changed = order.filter((i) => before[i] !== after[i]);
  const same = order.filter((i) => before[i] === after[i]);
  return [...changed, ...same].slice(0, exampleCount).map((i) => {
    const { path, before: text, truth } = lines[i];
    const prompt = text.split("\n").slice(-shown).join("\n");
    return { path, prompt, truth, before: before[i].trim(), after: after[i].trim() };
  });
}
