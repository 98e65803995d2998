// Measures a fine-tuning: losses on held-out sequences of the project and of the replay data, and next lines written.

import type { Engine, ScaledAdapter } from "../engine";
import type { Waiting } from "./clock";
import type { Dataset } from "./dataset";
import { lineContext } from "./duration";
import type { FineTuning } from "./fineTuning";
import { writeLines } from "./nextLines";
import type { Sequence } from "./pack";
import type { Measured } from "./report";

export interface MeasureOptions extends Pick<Waiting, "undisturbed"> {
  onProgress(share: number): void;
}

/** The work for a line, as a share of that for a sequence: most of a prompt was read for the line before. */
const lineWork = 1 / 4;

/** Losses come from the fine-tuning as it is now; lines are written with `adapters`, which should be the same. */
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

/** The mean loss in nats a token. `each` is called after each sequence. */
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
