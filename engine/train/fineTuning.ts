// A fine-tuning trains an adapter on a project's sequences, mixed with replay data against forgetting.

import type { LoadedModel } from "../engine";
import type { Adapter, Json } from "../load/adapter";
import { CheckpointError, quote } from "../load/checkpoint";
import { type AdapterConfig, initialValues, newAdapter } from "./adapter";
import { balancedLoss } from "./balance";
import type { Batch } from "./batches";
import { crossEntropyLoss } from "./loss";
import type { Sequence } from "./pack";
import type { Parameter } from "./parameter";
import { random } from "./random";
import type { Values } from "./trainer";
import { createTraining, type Training, type TrainingData, type TrainingOptions } from "./training";

export interface FineTuningOptions extends TrainingOptions {
  adapter: AdapterConfig;
  /** An adapter of the same kind and size to go on from. */
  from?: Adapter;
}

export interface FineTuning extends Training {
  /** The adapter as trained so far. */
  adapter(name: string, metadata: Record<string, Json>): Promise<Adapter>;
}

/** δ of a mixture's balance: the first half of the experts is meant for the project, the second for replay data. */
const delta = 0.1;
const balanceWeight = 0.01;
const weightDecay = 0.01;

/**
 * `pause` is awaited whenever something else has interrupted a step, which then goes on. Throws CheckpointError where the
 * adapter to go on from does not fit.
 */
export async function createFineTuning(
  { device, build, weights, base, adapters }: LoadedModel,
  { adapter: config, from, ...options }: FineTuningOptions,
  data: TrainingData,
  pause: () => Promise<void>,
): Promise<FineTuning> {
  const length = data.project[0].tokens.length;
  const mixture = config.kind === "loramoe";
  const adapter = newAdapter(config);
  const { parameters, routers } = adapter;
  const model = build(length, weights([adapter]));
  if (from) expectAlike(from, parameters);
  const { size, seed } = options;
  const { experts } = config;
  const evaluation = crossEntropyLoss(model, length);
  const loss = mixture ? balancedLoss(model, length, { routers, experts, weight: balanceWeight / size }) : evaluation;

  function passesOf({ project, replay }: Batch): Values[] {
    const passes = (sequences: readonly Sequence[], isProject: boolean): Values[] => {
      const isMeant = (expert: number) => isProject === expert < experts / 2;
      const coefficients = Float32Array.from({ length: experts }, (_, i) => (isMeant(i) ? 1 - delta : 1 + delta));
      return sequences.map((sequence) => ({ ...sequence, coefficients }));
    };
    return [...passes(project, true), ...passes(replay, false)];
  }

  const training = await createTraining(
    {
      ...{ device, parameters, weightDecay, loss, evaluation, passesOf },
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

/** Throws CheckpointError unless `from` has exactly the tensors that are trained. */
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
