// What all trainings share: steps through batches, the learning rate's schedule, saving and going on. A training may stop
// after any step and go on later, in another process too.

import { freemem } from "node:os";
import type { Namespace } from "../device/device";
import { sizeOf } from "../graph/tensor";
import { type Batch, batches } from "./batches";
import type { Loss } from "./loss";
import type { Sequence } from "./pack";
import type { Parameter } from "./parameter";
import { type Progress, restoreProgress, saveProgress } from "./progress";
import { rateAt } from "./schedule";
import { createTrainer, type Values } from "./trainer";

export interface TrainingOptions {
  steps: number;
  /** Sequences of a step. */
  size: number;
  /** The highest learning rate. */
  rate: number;
  /** λ, the weight of the replay data's loss; 0 leaves replay out. */
  replayWeight: number;
  seed: number;
}

export interface TrainingData {
  project: readonly Sequence[];
  replay: readonly Sequence[];
}

export interface Training {
  /** How many numbers are trained. */
  readonly parameters: number;
  /** Bytes that the training takes on the device. */
  readonly bytes: number;
  readonly steps: number;
  /** Identifies the training: what is trained, on what data, with which options. */
  readonly training: string;
  /** The steps taken so far, with their losses. */
  readonly progress: Readonly<Progress>;
  /** Takes the next step; returns its loss, in nats a token. */
  step(): Promise<number>;
  /** The mean loss of these sequences, in nats a token, with the parameters as they are now. */
  loss(sequences: readonly Sequence[], signal?: AbortSignal): Promise<number>;
  /** A parameter's values as they are now. */
  values(parameter: Parameter): Promise<Float32Array>;
  /** Throws CheckpointError where the file cannot be written. */
  save(path: string): Promise<void>;
  /** Goes on from what `save` wrote. False where the file is missing or another training's; throws CheckpointError where
   *  it is damaged. */
  restore(path: string): Promise<boolean>;
  dispose(): void;
}

/** What is trained. */
export interface TrainingSetup {
  device: Namespace;
  parameters: readonly Parameter[];
  /** JSON that tells what is trained from anything else. */
  name: unknown;
  weightDecay: number;
  /** What a step minimises, summed over its passes. */
  loss: Loss;
  /** What `Training.loss` measures: the sum of a sequence's losses, in nats. */
  evaluation: Loss<keyof Sequence>;
  /** A parameter's first values. */
  initial(parameter: Parameter, index: number): Promise<Float32Array>;
  /** The loss's inputs for each sequence of a batch, of which each is a pass. */
  passesOf(batch: Batch): Values[];
}

const clip = 1;
/** Bytes that a step may take beside the weights, on a machine with plenty. */
const maxMemory = 1.25e9;
/** The warm-up, as a share of all steps, and the last learning rate, as a share of the highest. */
const warmUp = 0.05;
const floor = 0.1;

/** `pause` is awaited between the parts of the preparation, and whenever something else has interrupted a step. */
export async function createTraining(
  { device, parameters, name, weightDecay, loss, evaluation, initial, passesOf }: TrainingSetup,
  { steps, size, rate, replayWeight, seed }: TrainingOptions,
  { project, replay }: TrainingData,
  pause: () => Promise<void>,
): Promise<Training> {
  const before = device.memory();
  const trainer = await createTrainer(device, parameters, {
    ...{ loss, evaluation, passes: size, weightDecay, clip, pause },
    memory: Math.min(freemem() / 2, maxMemory),
  });
  try {
    for (const [i, parameter] of parameters.entries()) {
      trainer.write(parameter, await initial(parameter, i));
      await pause();
    }
  } catch (error) {
    trainer.dispose();
    throw error;
  }

  const order = batches({ project, replay, size, replayWeight, seed });
  const schedule = { peak: rate, steps, warmUp: Math.max(1, Math.round(warmUp * steps)), floor };
  const data = digest(project, replay);
  const training = JSON.stringify({ name, steps, size, rate, replayWeight, seed, data });
  let progress: Progress = { step: 0, losses: [] };

  return {
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: device.memory() - before,
    steps,
    training,
    get progress() {
      return progress;
    },
    async step() {
      const next = progress.step + 1;
      const loss = await trainer.step(passesOf(order.at(next - 1)), { rate: rateAt(next, schedule), step: next });
      progress = { step: next, losses: [...progress.losses, loss] };
      return loss;
    },
    async loss(sequences, signal) {
      let [sum, tokens] = [0, 0];
      for (const sequence of sequences) {
        signal?.throwIfAborted();
        sum += await trainer.evaluate(sequence);
        tokens += sequence.weights.reduce((a, b) => a + b, 0);
      }
      return sum / tokens;
    },
    values: async (parameter) => (await trainer.read(parameter)).slice(0, sizeOf(parameter.shape)),
    save: (path) => saveProgress(path, training, progress, parameters, trainer),
    async restore(path) {
      const restored = await restoreProgress(path, training, parameters, trainer);
      if (restored) progress = restored;
      return restored !== undefined;
    },
    dispose: () => trainer.dispose(),
  };
}

/** A hash of all tokens. */
function digest(...groups: readonly (readonly Sequence[])[]): number {
  let sum = 0;
  for (const { tokens } of groups.flat()) for (const token of tokens) sum = (Math.imul(sum, 31) + token) | 0;
  return sum;
}
