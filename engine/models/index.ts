// Architecture name, as checkpoints state it → model.

import { type Checkpoint, CheckpointError } from "../load/checkpoint";
import { type Weights, weightsOf } from "../nn";
import { Llama } from "./llama";
import { llamaConfig } from "./llamaConfig";
import type { Model } from "./model";

/** Makes the model for so many positions, at most those it was trained for: as it is, or of other weights. */
export type Build = (context: number, weights?: Weights) => Model;

const llama = async (checkpoint: Checkpoint): Promise<Build> => {
  const config = await llamaConfig(checkpoint);
  return (context, weights = weightsOf(checkpoint.tensors)) =>
    new Llama(weights, { ...config, context: Math.min(context, config.context) });
};

const architectures = new Map([
  ["llama", llama],
  ["qwen2", llama],
]);

/** How to make the model that a checkpoint holds; the file need not stay open. */
export function architectureOf(checkpoint: Checkpoint): Promise<Build> {
  const name = String(checkpoint.metadata.get("general.architecture"));
  const read = architectures.get(name);
  if (read) return read(checkpoint);
  const known = [...architectures.keys()].join(", ");
  throw new CheckpointError(`${checkpoint.path}: the architecture “${name}” is not supported; supported are ${known}`);
}
