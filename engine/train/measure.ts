// What a fine-tuning is measured by: losses on what is held out, of the project and of general text, and lines written.

import type { Engine, ScaledAdapter } from "../engine";
import type { Dataset } from "./dataset";
import { lineContext } from "./duration";
import type { FineTuning } from "./fineTuning";
import { writeLines } from "./nextLines";
import type { Sequence } from "./pack";
import type { Measured } from "./report";

export interface MeasureOptions {
  /** Does a piece of work, and does it again where its signal aborted it because something else had to be done. */
  undisturbed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  onProgress(share: number): void;
}

/** Of a sequence's work, that of a line: most of its prompt was read for the line before. */
const lineWork = 1 / 4;

/** Of the model with the fine-tuning's adapter as it is now; the lines with `adapters`, which are to be the same. */
export async function measure(
  engine: Engine,
  fineTuning: FineTuning,
  adapters: readonly ScaledAdapter[],
  { heldOut, replayHeldOut, lines }: Dataset,
  { undisturbed, onProgress }: MeasureOptions,
): Promise<Measured> {
  const all = heldOut.length + replayHeldOut.length + lineWork * lines.length;
  let done = 0;
  const worked = (work: number) => onProgress((done += work) / all);

  const heldOutLoss = await meanLoss(fineTuning, heldOut, () => worked(1));
  const replayLoss = await meanLoss(fineTuning, replayHeldOut, () => worked(1));
  const session = await engine.trial(adapters, lineContext);
  try {
    const written = await writeLines(session, engine.tokenizer, lines, async (work) => {
      const result = await undisturbed(work);
      worked(lineWork);
      return result;
    });
    return { heldOutLoss, replayLoss, written };
  } finally {
    session.dispose();
  }
}

/** Nats a token. */
export async function meanLoss(
  fineTuning: FineTuning,
  sequences: readonly Sequence[],
  each = () => {},
): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (const sequence of sequences) {
    const count = sequence.weights.reduce((a, b) => a + b, 0);
    sum += count * (await fineTuning.loss([sequence]));
    tokens += count;
    each();
  }
  return sum / tokens;
}
