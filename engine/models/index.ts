// Architecture name, as checkpoints state it → model.

import type { Checkpoint } from "../load/checkpoint";
import { unsupportedArchitecture } from "../load/unsupported";
import { type Locate, uploaded, WeightError, type Weights, weightsOf } from "../nn";
import { expectNoMore } from "./expectNoMore";
import { Llama } from "./llama";
import { llamaConfig } from "./llamaConfig";
import type { Model, ModelConfig } from "./model";

/** Makes the model for so many positions, at most those it was trained for; of the checkpoint's weights, or of others. */
export type Build = (context: number, weights?: Weights) => Model;

/** How an architecture's model is made from a checkpoint: its config is read, and its tensors are checked. */
const architecture =
  <Config extends ModelConfig & { layers: number }>(
    readConfig: (checkpoint: Checkpoint) => Promise<Config>,
    ModelClass: new (weights: Weights, config: Config) => Model,
  ) =>
  async (checkpoint: Checkpoint): Promise<Build> => {
    const config = await readConfig(checkpoint);
    const used = new Set<string>();
    const noting: Locate = (info) => {
      used.add(info.name);
      return uploaded(info);
    };
    try {
      new ModelClass(weightsOf(checkpoint.tensors, [], noting), config);
    } catch (error) {
      if (!(error instanceof WeightError)) throw error;
      throw new WeightError(
        `${checkpoint.path} does not hold the model that its metadata describes. ${error.message}. Choose another file`,
      );
    }
    expectNoMore(checkpoint, used, config.layers);
    return (context, weights = weightsOf(checkpoint.tensors)) =>
      new ModelClass(weights, { ...config, context: Math.min(context, config.context) });
  };

const llama = architecture(llamaConfig, Llama);

const architectures = new Map([
  ["llama", llama],
  ["qwen2", llama],
]);

/**
 * How to make the model that a checkpoint holds; the file need not stay open. Throws CheckpointError where the
 * architecture or its metadata cannot be used or the file holds more, WeightError where it lacks a tensor.
 */
export function architectureOf(checkpoint: Checkpoint): Promise<Build> {
  const name = checkpoint.metadata.get("general.architecture");
  const read = typeof name === "string" ? architectures.get(name) : undefined;
  if (read) return read(checkpoint);
  throw unsupportedArchitecture(checkpoint.path, name, [...architectures.keys()]);
}
