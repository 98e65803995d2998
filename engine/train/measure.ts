// What a lesson is measured by: losses on what is held out, of the project and of general text, and lines written.

import type { Engine, ScaledAdapter } from "../engine";
import type { Course } from "./course";
import type { Lesson } from "./lesson";
import { writeLines } from "./nextLines";
import type { Sequence } from "./pack";
import type { Measured } from "./report";

export interface MeasureOptions {
  /** Does a piece of work, and does it again where its signal aborted it because something else had to be done. */
  undisturbed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  onProgress(share: number): void;
}

/** Tokens of the prompt and the line that is written after it. */
const lineContext = 1024;
/** Of a sequence's work, that of a line: most of its prompt was read for the line before. */
const lineWork = 1 / 4;

/** Of the model with the lesson's adapter as it is now; the lines with `adapters`, which are to be the same. */
export async function measure(
  engine: Engine,
  lesson: Lesson,
  adapters: readonly ScaledAdapter[],
  { heldOut, generalHeldOut, lines }: Course,
  { undisturbed, onProgress }: MeasureOptions,
): Promise<Measured> {
  const all = heldOut.length + generalHeldOut.length + lineWork * lines.length;
  let done = 0;
  const worked = (work: number) => onProgress((done += work) / all);

  const heldOutLoss = await meanLoss(lesson, heldOut, () => worked(1));
  const generalLoss = await meanLoss(lesson, generalHeldOut, () => worked(1));
  const session = await engine.trial(adapters, lineContext);
  try {
    const written = await writeLines(session, engine.tokenizer, lines, async (work) => {
      const result = await undisturbed(work);
      worked(lineWork);
      return result;
    });
    return { heldOutLoss, generalLoss, written };
  } finally {
    session.dispose();
  }
}

/** Nats a token. */
export async function meanLoss(lesson: Lesson, sequences: readonly Sequence[], each = () => {}): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (const sequence of sequences) {
    const count = sequence.weights.reduce((a, b) => a + b, 0);
    sum += count * (await lesson.loss([sequence]));
    tokens += count;
    each();
  }
  return sum / tokens;
}
