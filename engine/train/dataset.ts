// The dataset of a fine-tuning: sequences to train on and to measure with, made of documents or pairs and of the replay
// data.

import type { Engine } from "../engine";
import type { ModelInfo } from "../modelInfo";
import { sizesOf } from "./batches";
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
}

/** Lays texts out as examples. `pause` is awaited after each text, so that others get the thread. */
export async function layOutExamples(
  { learned, heldOut }: Split<Text>,
  seed: number,
  reader: Reader,
  pause = async () => {},
): Promise<Examples> {
  return {
    learned: await examplesOf(learned, learned.keys(), seed, reader, pause),
    heldOut: await examplesOf(heldOut, heldOut.keys(), seed, reader, pause),
  };
}

/**
 * Lays the replay data out as examples: of each part as many texts, in an order that the seed draws, as fill `sequences`,
 * or all of them. `pause` is awaited after each text.
 */
export async function layOutReplay(
  seed: number,
  reader: Reader,
  pause = async () => {},
  sequences: Record<keyof Examples, number> = { learned: Infinity, heldOut: Infinity },
): Promise<Examples> {
  const { toLearn, heldOut } = await readReplayData();
  const some = (texts: readonly Document[], count: number) =>
    examplesOf(texts, permutation(texts.length, seed), seed, reader, pause, count * sequenceLength(reader.info));
  return { learned: await some(toLearn, sequences.learned), heldOut: await some(heldOut, sequences.heldOut) };
}

/**
 * Packs examples into sequences, with as much replay data as the steps read, and chooses lines of the documents among the
 * held-out `texts`. `pause` is awaited after each text of the replay data.
 */
export async function createDataset(
  examples: Examples,
  texts: readonly Text[],
  { steps, size, replayWeight, seed }: FineTuningOptions,
  reader: Reader,
  pause = async () => {},
): Promise<Dataset> {
  const length = sequenceLength(reader.info);
  const documents = texts.filter((text): text is NamedDocument => !isPair(text));
  const measured = measuredAmount(steps, size);
  const replay = await layOutReplay(seed, reader, pause, {
    learned: steps * sizesOf({ size, replayWeight }).replay,
    heldOut: measured.sequences,
  });
  const some = (examples: readonly Example[]) => drawn(pack(examples, length), measured.sequences, seed);
  return {
    project: pack(examples.learned, length),
    replay: pack(replay.learned, length),
    heldOut: some(examples.heldOut),
    replayHeldOut: some(replay.heldOut),
    lines: chooseLines(documents, measured.lines, seed),
  };
}

/** Lays out the texts of these indices, in their order, until the examples have so many rows. */
async function examplesOf(
  texts: readonly (Document | Pair)[],
  indices: Iterable<number>,
  seed: number,
  { info, tokenizer, fillInMiddle }: Reader,
  pause: () => Promise<void>,
  rows = Infinity,
): Promise<Example[]> {
  const examples: Example[] = [];
  const length = sequenceLength(info);
  let made = 0;
  for (const i of indices) {
    if (made >= rows) break;
    const text = texts[i];
    const options = { tokenizer, form: fillInMiddle, length, seed: seed + i };
    const more = isPair(text) ? [pairExample(text, tokenizer, length)] : documentExamples([text], options);
    examples.push(...more);
    made += more.reduce((sum, { ids }) => sum + ids.length - 1, 0);
    await pause();
  }
  return examples;
}

function drawn(sequences: readonly Sequence[], count: number, seed: number): Sequence[] {
  return [...permutation(sequences.length, seed)].slice(0, count).map((i) => sequences[i]);
}

/** How many of the project's tokens a step reads. */
export const tokensOfStep = (options: FineTuningOptions, info: ModelInfo): number =>
  sequenceLength(info) * sizesOf(options).project;
