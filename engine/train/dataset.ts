// All that a fine-tuning reads and is measured on, laid out from documents or pairs, and from the replay data that ships
// with us.

import type { Engine } from "../engine";
import type { ModelInfo } from "../modelInfo";
import { batches } from "./batches";
import { type Document, documentExamples } from "./data";
import { measuredAmount } from "./duration";
import type { Example } from "./example";
import type { FineTuningOptions } from "./fineTuning";
import { chooseLines, type NamedDocument, type NextLine } from "./nextLines";
import { pack, type Sequence } from "./pack";
import { isPair, type Pair, pairExample } from "./pairs";
import { permutation } from "./random";
import { readReplayData } from "./replayData";

export interface Dataset {
  options: FineTuningOptions;
  project: Sequence[];
  replay: Sequence[];
  /** To measure with; none of it is learned from. */
  heldOut: Sequence[];
  replayHeldOut: Sequence[];
  lines: NextLine[];
}

export type Text = NamedDocument | Pair;

export interface Material {
  learned: readonly Text[];
  heldOut: readonly Text[];
}

/** Whom examples are laid out for. */
export type Reader = Pick<Engine, "info" | "tokenizer" | "fillInMiddle">;

/** Tokens of a sequence: what one sees at a time, and not more than the model can. */
export const sequenceLength = ({ trainedContext }: ModelInfo): number => Math.min(512, trainedContext);

export interface Examples {
  learned: Example[];
  heldOut: Example[];
  replay: Example[];
  replayHeldOut: Example[];
}

/** Lays texts out. `pause` is awaited after each of them, so that whoever shares the thread goes on. */
export async function layOutExamples(
  { learned, heldOut }: Material,
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

/** `texts` are the ones held out: lines of the documents among them are to be written. */
export function createDataset(
  examples: Examples,
  texts: readonly Text[],
  options: FineTuningOptions,
  { info }: Reader,
): Dataset {
  const { steps, size, seed } = options;
  const length = sequenceLength(info);
  const documents = texts.filter((text): text is NamedDocument => !isPair(text));
  const amount = measuredAmount(steps, size);
  const some = (examples: readonly Example[]) => drawn(pack(examples, length), amount.sequences, seed);
  return {
    options,
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

/** Of the project, as many as a step reads. */
export function tokensOfStep({ size, replayWeight, seed }: FineTuningOptions, info: ModelInfo): number {
  const any = pack([{ ids: Int32Array.of(0, 0), learned: Uint8Array.of(1, 1) }], 1);
  return sequenceLength(info) / batches({ project: any, replay: any, size, replayWeight, seed }).epoch;
}
