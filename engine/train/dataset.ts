// The dataset of a fine-tuning: sequences to train on and to measure with, made of documents or pairs and of the replay
// data.

import type { Engine } from "../engine";
import type { ModelInfo } from "../modelInfo";
import { batches } from "./batches";
import { type Document, documentExamples } from "./data";
import { measuredAmount } from "./duration";
import type { Example } from "./example";
import type { FineTuningOptions } from "./fineTuning";
import type { Split } from "./heldOut";
import { chooseLines, type NamedDocument, type NextLine } from "./nextLines";
import { pack, type Sequence } from "./pack";
import { isPair, type Pair, pairExample } from "./pairs";
import { permutation } from "./random";
import { readReplayData } from "./replayData";

export interface Dataset {
  project: Sequence[];
  replay: Sequence[];
  /** To measure with, and not trained on. */
  heldOut: Sequence[];
  /** The same of the replay data. */
  replayHeldOut: Sequence[];
  /** Lines of held-out documents, to be written. */
  lines: NextLine[];
}

export type Text = NamedDocument | Pair;

/** What examples are laid out for: the model's context, its tokens, and its form for filling in the middle. */
export type Reader = Pick<Engine, "info" | "tokenizer" | "fillInMiddle">;

/** Rows of a sequence: as many tokens as the model reads at once, at most 512. */
export const sequenceLength = ({ trainedContext }: ModelInfo): number => Math.min(512, trainedContext);

export interface Examples {
  learned: Example[];
  heldOut: Example[];
  replay: Example[];
  replayHeldOut: Example[];
}

/** Lays texts and replay data out as examples. `pause` is awaited after each text, so that others get the thread. */
export async function layOutExamples(
  { learned, heldOut }: Split<Text>,
  seed: number,
  reader: Reader,
  pause = async () => {},
) {
  const examples = {
    learned: await examplesOf(learned, seed, reader, pause),
    heldOut: await examplesOf(heldOut, seed, reader, pause),
  };
  return { ...examples, ...(await replayExamples(seed, reader, pause)) };
}

async function replayExamples(seed: number, reader: Reader, pause = async () => {}) {
  const { toLearn, heldOut } = await readReplayData();
  return {
    replay: await examplesOf(toLearn, seed, reader, pause),
    replayHeldOut: await examplesOf(heldOut, seed, reader, pause),
  };
}

/** Packs examples into sequences, and chooses lines of the documents among the held-out `texts`. */
export function createDataset(
  examples: Examples,
  texts: readonly Text[],
  { steps, size, seed }: FineTuningOptions,
  { info }: Reader,
): Dataset {
  const length = sequenceLength(info);
  const documents = texts.filter((text): text is NamedDocument => !isPair(text));
  const amount = measuredAmount(steps, size);
  const some = (examples: readonly Example[]) => drawn(pack(examples, length), amount.sequences, seed);
  return {
    project: pack(examples.learned, length),
    replay: pack(examples.replay, length),
    heldOut: some(examples.heldOut),
    replayHeldOut: some(examples.replayHeldOut),
    lines: chooseLines(documents, amount.lines, seed),
  };
}

async function examplesOf(
  texts: readonly (Document | Pair)[],
  seed: number,
  { info, tokenizer, fillInMiddle }: Reader,
  pause: () => Promise<void>,
): Promise<Example[]> {
  const examples: Example[] = [];
  const length = sequenceLength(info);
  for (const [i, text] of texts.entries()) {
    const options = { tokenizer, form: fillInMiddle, length, seed: seed + i };
    if (isPair(text)) examples.push(pairExample(text, tokenizer, length));
    else examples.push(...documentExamples([text], options));
    await pause();
  }
  return examples;
}

function drawn(sequences: readonly Sequence[], count: number, seed: number): Sequence[] {
  return [...permutation(sequences.length, seed)].slice(0, count).map((i) => sequences[i]);
}

/** How many of the project's tokens a step reads. */
export function tokensOfStep({ size, replayWeight, seed }: FineTuningOptions, info: ModelInfo): number {
  const any = pack([{ ids: Int32Array.of(0, 0), learned: Uint8Array.of(1, 1) }], 1);
  return sequenceLength(info) / batches({ project: any, replay: any, size, replayWeight, seed }).epoch;
}
