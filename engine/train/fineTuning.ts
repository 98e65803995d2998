// A fine-tuning: an adapter is trained on a project's sequences, mixed with general ones against forgetting.

import type { LoadedModel } from "../engine";
import type { Adapter, Json } from "../load/adapter";
import { CheckpointError, quote } from "../load/checkpoint";
import { type AdapterConfig, initialValues, newAdapter } from "./adapter";
import type { Batch } from "./batches";
import type { Sequence } from "./pack";
import type { Parameter } from "./parameter";
import { random } from "./random";
import type { Rows } from "./trainer";
import { createTraining, type Training, type TrainingData, type TrainingOptions } from "./training";

export interface FineTuningOptions extends TrainingOptions {
  adapter: AdapterConfig;
  /** An adapter of that kind to go on from, instead of from nothing. */
  from?: Adapter;
}

export interface FineTuning extends Training {
  /** What was learned so far. */
  adapter(name: string, metadata: Record<string, Json>): Promise<Adapter>;
}

/** Named groups of a mixture's experts: the first half takes to the project, the second to general text. */
const leaning = 0.1;
const balanceWeight = 0.01;
const weightDecay = 0.01;

/** `pause` is awaited whenever something else has interrupted a step; the step then goes on. */
export async function createFineTuning(
  { device, build, weights, writeAdapters, base, adapters }: LoadedModel,
  { adapter: config, from, ...options }: FineTuningOptions,
  data: TrainingData,
  pause: () => Promise<void>,
): Promise<FineTuning> {
  const length = data.project[0].tokens.length;
  const mixture = config.kind === "loramoe";
  const adapter = newAdapter(config);
  const { parameters, shares } = adapter;
  const model = build(length, weights([adapter]));
  if (from) expectAlike(from, parameters);
  const { size, seed } = options;
  const balance = mixture ? { shares, experts: config.experts, texts: 1, weight: balanceWeight / size } : undefined;

  /** Of one kind of text a mixture's balance wants the one group's experts more. */
  function passesOf({ project, replay }: Batch): Rows[] {
    const rows = (sequences: readonly Sequence[], isProject: boolean): Rows[] =>
      sequences.map((sequence) => ({
        ...sequence,
        members: new Float32Array(length).fill(1),
        leanings: Float32Array.from({ length: config.experts }, (_, expert) =>
          isProject === expert < config.experts / 2 ? 1 - leaning : 1 + leaning,
        ),
      }));
    return [...rows(project, true), ...rows(replay, false)];
  }

  const training = await createTraining(
    {
      ...{ device, model, parameters, weightDecay, balance, passesOf },
      name: { config, base, beneath: adapters, from: from && [from.name, from.metadata.made ?? null] },
      async initial(parameter, index) {
        let drawn = 0;
        return (
          from?.tensors.get(parameter.name)?.values ?? initialValues(parameter, () => random(seed, index, drawn++))
        );
      },
    },
    options,
    data,
    pause,
  );
  writeAdapters();
  return Object.assign(training, {
    async adapter(name: string, metadata: Record<string, Json>): Promise<Adapter> {
      const tensors = new Map(
        await Promise.all(
          parameters.map(async (parameter) => {
            const values = await training.values(parameter);
            return [parameter.name, { shape: parameter.shape, values }] as const;
          }),
        ),
      );
      const { kind, alpha, rank } = config;
      return { kind, name, base, alpha, rank, experts: mixture ? config.experts : 1, metadata, tensors };
    },
  });
}

/** Throws CheckpointError where `from` has not what is to be trained, or more. */
function expectAlike({ name, tensors }: Adapter, parameters: readonly Parameter[]) {
  if (tensors.size !== parameters.length)
    throw new CheckpointError(
      `The adapter ${quote(name)} changes other layers than this training: it has ${tensors.size} tensors, not ${parameters.length}`,
    );
  for (const { name: wanted, shape } of parameters) {
    const found = tensors.get(wanted)?.shape;
    if (found?.join() === shape.join()) continue;
    const is = found ? `is ${found.join(" × ")}` : "is missing";
    throw new CheckpointError(
      `In the adapter ${quote(name)} ${quote(wanted)} ${is}; in this training it is ${shape.join(" × ")}`,
    );
  }
}
