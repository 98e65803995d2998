// A lesson: an adapter is trained on a project's sequences, mixed with general ones against forgetting, step by step; it
// may stop at any step and go on later, in another process too.

import { freemem } from "node:os";
import type { Device } from "../device/device";
import type { Adapter, AdapterBase, Json } from "../load/adapter";
import type { Build } from "../models";
import type { Attached, Weights } from "../nn";
import { sizeOf } from "../tensor";
import { type AdapterConfig, initialValues, newAdapter } from "./adapter";
import { type Batch, batches } from "./batches";
import type { Sequence } from "./pack";
import { type Progress, restoreProgress, saveProgress } from "./progress";
import { random } from "./random";
import { rateAt } from "./schedule";
import { createTrainer, type Rows } from "./trainer";

export interface LessonOptions {
  adapter: AdapterConfig;
  steps: number;
  /** Sequences of a step. */
  size: number;
  /** The highest learning rate. */
  rate: number;
  /** λ of the general text's loss; 0 is none. */
  generalWeight: number;
  seed: number;
}

export interface LessonData {
  project: readonly Sequence[];
  general: readonly Sequence[];
}

export interface Lesson {
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Bytes of the device that it takes. */
  readonly bytes: number;
  readonly steps: number;
  /** Steps taken, with their losses. */
  readonly progress: Readonly<Progress>;
  /** Takes the next step; returns its loss, in nats a token. */
  step(): Promise<number>;
  /** Nats a token of these sequences, as the adapter is now. */
  loss(sequences: readonly Sequence[], signal?: AbortSignal): Promise<number>;
  /** What was learned so far. */
  adapter(name: string, metadata: Record<string, Json>): Promise<Adapter>;
  save(path: string): Promise<void>;
  /** Goes on where the file was saved, if that was in this very lesson; else false. */
  restore(path: string): Promise<boolean>;
  dispose(): void;
}

/** What a lesson needs of an engine. */
export interface Ground {
  device: Device;
  build: Build;
  weights(adapters: readonly Attached[]): Weights;
  base: AdapterBase;
}

/** Named groups of a mixture's experts: the first half takes to the project, the second to general text. */
const leaning = 0.1;
const balanceWeight = 0.01;
const weightDecay = 0.01;
const clip = 1;
/** Bytes that a step may take, on a machine with plenty. */
const mostRoom = 1.25e9;
const warmUp = 0.05;
const floor = 0.1;

/** `pause` is awaited whenever something else has interrupted a step; the step then goes on. */
export async function createLesson(
  { device, build, weights, base }: Ground,
  { adapter: config, steps, size, rate, generalWeight, seed }: LessonOptions,
  { project, general }: LessonData,
  pause: () => Promise<void>,
): Promise<Lesson> {
  const before = device.memory();
  const length = project[0].tokens.length;
  const mixture = config.kind === "loramoe";
  const adapter = newAdapter(config);
  const model = build(length, weights([adapter]));
  const { parameters } = adapter;
  const balance = mixture
    ? { shares: adapter.shares, experts: config.experts, texts: 1, weight: balanceWeight / size }
    : undefined;
  const trainer = await createTrainer(device, model, parameters, {
    ...{ rows: length, passes: size, weightDecay, clip, room: Math.min(freemem() / 2, mostRoom), balance },
    yield: pause,
  });
  for (const [i, parameter] of parameters.entries()) {
    let drawn = 0;
    trainer.write(
      parameter,
      initialValues(parameter, () => random(seed, i, drawn++)),
    );
  }

  const order = batches({ project, general, size, generalWeight, seed });
  const schedule = { peak: rate, steps, warmUp: Math.max(1, Math.round(warmUp * steps)), floor };
  const training = JSON.stringify({
    config,
    steps,
    size,
    rate,
    generalWeight,
    seed,
    base,
    data: digest(project, general),
  });
  let progress: Progress = { step: 0, losses: [] };

  /** A batch as the trainer takes it. Of one kind of text a mixture's balance wants the one group's experts more. */
  function passesOf({ project, general }: Batch): Rows[] {
    const rows = (sequences: readonly Sequence[], isProject: boolean): Rows[] =>
      sequences.map((sequence) => ({
        ...sequence,
        members: new Float32Array(length).fill(1),
        leanings: Float32Array.from({ length: config.experts }, (_, expert) =>
          isProject === expert < config.experts / 2 ? 1 - leaning : 1 + leaning,
        ),
      }));
    return [...rows(project, true), ...rows(general, false)];
  }

  return {
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    bytes: device.memory() - before,
    steps,
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
    async adapter(name, metadata) {
      const tensors = new Map(
        await Promise.all(
          parameters.map(async (parameter) => {
            const values = (await trainer.read(parameter)).slice(0, sizeOf(parameter.shape));
            return [parameter.name, { shape: parameter.shape, values }] as const;
          }),
        ),
      );
      const { kind, alpha, rank } = config;
      return { kind, name, base, alpha, rank, experts: mixture ? config.experts : 1, metadata, tensors };
    },
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
