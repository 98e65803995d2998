// Pretraining: all weights of a model, random at first or a file's, are trained on documents, L1 = Σ log P(u_i | u_<i)
// (Radford et al., 2018). A model with marks for it learns to fill in the middle from half of the documents.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createDevice, type DeviceChoice } from "../device";
import { type Checkpoint, CheckpointError } from "../load/checkpoint";
import { metadataOf } from "../models/metadata";
import { nextTurn } from "../nextTurn";
import { type FillInMiddle, fillInMiddle } from "../text/fillInMiddle";
import { createTokenizer, type Tokenizer } from "../text/tokenizer";
import { type Document, documentExamples } from "./data";
import { createFullTraining, type FullTraining, type WrittenType } from "./full";
import type { Split } from "./heldOut";
import { pack, type Sequence } from "./pack";
import { permutation } from "./random";
import { startTicker } from "./ticker";
import type { TrainingOptions } from "./training";

export interface PretrainOptions extends Omit<TrainingOptions, "replayWeight"> {
  /** Tokens of a sequence, at most those that the model can read. */
  length: number;
  device: DeviceChoice;
  threads: number;
  /** How the matrices of the result are stored. */
  type: WrittenType;
  /** Ends the training: no step is lost, and the signal's reason is thrown. */
  signal?: AbortSignal;
  /** Progress is saved every so many milliseconds. */
  saveEvery: number;
}

/** Sequences to measure with, for each sequence that is trained on; and the fewest. */
const measuredShare = 0.1;
const minMeasured = 8;

export type PretrainEvent =
  /** `step` is above 0 where it goes on. `epochs` is how often each text is read in all. */
  | { kind: "begun"; step: number; parameters: number; epochs: number }
  | { kind: "step"; step: number; loss: number; milliseconds: number };

/** How well the held-out texts are predicted. */
export interface Predicted {
  /** Nats a token. */
  loss: number;
  bitsPerByte: number;
}

export interface Pretrained {
  parameters: number;
  steps: number;
  /** Of the last step, in nats a token. */
  loss: number;
  /** Undefined where nothing is held out. */
  before?: Predicted;
  after?: Predicted;
}

/**
 * Trains the checkpoint's model and writes it to `path`. Beside it lies the progress, until the training is done: where it
 * is there already, of the same training, that goes on. Throws RangeError where there is no text, CheckpointError where a
 * file cannot be read or written, or the progress is another training's.
 */
export async function pretrain(
  checkpoint: Checkpoint,
  { learned, heldOut }: Split<Document>,
  path: string,
  { length: asked, device: choice, threads, type, saveEvery, signal, ...options }: PretrainOptions,
  onEvent: (event: PretrainEvent) => void,
): Promise<Pretrained> {
  const tokenizer = createTokenizer(checkpoint);
  const length = Math.min(asked, metadataOf(checkpoint).count("context_length"));
  const sequences = (documents: readonly Document[], form: FillInMiddle | undefined) =>
    pack(documentExamples(documents, { tokenizer, form, length, seed: options.seed }), length);
  const project = sequences(learned, fillInMiddle(tokenizer, checkpoint));
  const measured = some(sequences(heldOut, undefined), options);
  if (project.length === 0) throw new RangeError("There is nothing to learn from: the texts are empty");

  const { device } = await createDevice(choice, threads);
  const ticker = startTicker(device.interrupt);
  const pause = async () => {
    await nextTurn();
    signal?.throwIfAborted();
  };
  try {
    const data = { project, replay: [] };
    const training = await createFullTraining(device, checkpoint, { ...options, replayWeight: 0 }, data, pause);
    const before = await predicted(training, measured, tokenizer);
    const progressFile = `${path}.progress`;
    if (existsSync(progressFile) && !(await training.restore(progressFile)))
      throw new CheckpointError(
        `${progressFile} holds the progress of a training on other texts or with other options; remove it to start again`,
      );
    const { parameters, progress } = training;
    const epochs = (options.steps * options.size) / project.length;
    onEvent({ kind: "begun", step: progress.step, parameters, epochs });
    try {
      await takeSteps(training, progressFile, saveEvery, onEvent, signal);
      const after = await predicted(training, measured, tokenizer);
      await training.write(path, type);
      await rm(progressFile, { force: true });
      return { parameters, steps: options.steps, loss: training.progress.losses.at(-1)!, before, after };
    } catch (error) {
      if (signal?.aborted) await training.save(progressFile);
      throw error;
    }
  } finally {
    await ticker.stop();
    await device.dispose();
  }
}

/** Few enough that measuring takes little of the training's time. */
function some(sequences: readonly Sequence[], { steps, size, seed }: Pick<PretrainOptions, "steps" | "size" | "seed">) {
  const count = Math.max(minMeasured, Math.round(steps * size * measuredShare));
  return [...permutation(sequences.length, seed)].slice(0, count).map((i) => sequences[i]);
}

async function takeSteps(
  training: FullTraining,
  progressFile: string,
  saveEvery: number,
  onEvent: (event: PretrainEvent) => void,
  signal?: AbortSignal,
) {
  let saved = performance.now();
  while (training.progress.step < training.steps) {
    signal?.throwIfAborted();
    const started = performance.now();
    const loss = await training.step();
    const { step } = training.progress;
    if (!Number.isFinite(loss)) throw new Error(`After step ${step} the loss is ${loss}; a lower rate may help`);
    onEvent({ kind: "step", step, loss, milliseconds: performance.now() - started });
    if (performance.now() - saved < saveEvery) continue;
    await training.save(progressFile);
    saved = performance.now();
  }
}

/** Undefined without sequences. Special tokens are predicted too, but count as no bytes. */
async function predicted(training: FullTraining, sequences: readonly Sequence[], { piece, isSpecial }: Tokenizer) {
  if (sequences.length === 0) return undefined;
  const loss = await training.loss(sequences);
  const tokens = sequences.flatMap(({ targets, weights }) => [...targets].filter((_, row) => weights[row] > 0));
  const bytes = tokens.reduce((sum, id) => sum + (isSpecial(id) ? 0 : piece(id).length), 0);
  return { loss, bitsPerByte: (loss * tokens.length) / Math.LN2 / bytes };
}
