// A training, whatever is trained: step by step through its batches, at a rate that rises and falls. It may stop at any
// step and go on later, in another process too.

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
  /** λ of the replay text's loss; 0 is none. */
  replayWeight: number;
  seed: number;
}

export interface TrainingData {
  project: readonly Sequence[];
  replay: readonly Sequence[];
}

export interface Training {
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Bytes of the device that it takes. */
  readonly bytes: number;
  readonly steps: number;
  /** What is trained and on what: tells trainings apart. */
  readonly training: string;
  /** Steps taken, with their losses. */
  readonly progress: Readonly<Progress>;
  /** Takes the next step; returns its loss, in nats a token. */
  step(): Promise<number>;
  /** Nats a token of these sequences, as the parameters are now. */
  loss(sequences: readonly Sequence[], signal?: AbortSignal): Promise<number>;
  /** A parameter as it is now. */
  values(parameter: Parameter): Promise<Float32Array>;
  save(path: string): Promise<void>;
  /** Goes on where the file was saved, if that was in this very training; else false. */
  restore(path: string): Promise<boolean>;
  dispose(): void;
}

/** What is trained. */
export interface Trainee {
  device: Namespace;
  parameters: readonly Parameter[];
  /** What tells it from others. */
  name: unknown;
  weightDecay: number;
  /** Of a pass of the training. */
  loss: Loss;
  /** What sequences are measured by: the sum of their tokens' losses, in nats. */
  evaluation: Loss<keyof Sequence>;
  /** The value that training begins with. */
  initial(parameter: Parameter, index: number): Promise<Float32Array>;
  /** A batch as the loss reads it: a pass a sequence. */
  passesOf(batch: Batch): Values[];
}

const clip = 1;
/** Bytes that a step may take beside the weights, on a machine with plenty. */
const mostMemory = 1.25e9;
const warmUp = 0.05;
const floor = 0.1;

/** `pause` is awaited whenever something else has interrupted a step; the step then goes on. */
export async function createTraining(
  { device, parameters, name, weightDecay, loss, evaluation, initial, passesOf }: Trainee,
  { steps, size, rate, replayWeight, seed }: TrainingOptions,
  { project, replay }: TrainingData,
  pause: () => Promise<void>,
): Promise<Training> {
  const before = device.memory();
  const trainer = await createTrainer(device, parameters, {
    ...{ loss, evaluation, passes: size, weightDecay, clip, pause },
    memory: Math.min(freemem() / 2, mostMemory),
  });
  try {
    for (const [i, parameter] of parameters.entries()) trainer.write(parameter, await initial(parameter, i));
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

/** Tells data apart; a number from all tokens. */
function digest(...groups: readonly (readonly Sequence[])[]): number {
  let sum = 0;
  for (const { tokens } of groups.flat()) for (const token of tokens) sum = (Math.imul(sum, 31) + token) | 0;
  return sum;
}
