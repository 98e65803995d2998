// Architecture name, as checkpoints state it → model.

import { type Checkpoint, CheckpointError } from "../load/checkpoint";
import { weightsOf } from "../nn";
import { Llama } from "./llama";
import { llamaConfig } from "./llamaConfig";
import type { Model } from "./model";

type Build = (checkpoint: Checkpoint, context: number) => Promise<Model>;

const llama: Build = async (checkpoint, context) =>
  new Llama(weightsOf(checkpoint.tensors), await llamaConfig(checkpoint, context));

const architectures = new Map<string, Build>([
  ["llama", llama],
  ["qwen2", llama],
]);

/** The model that a checkpoint holds, with a KV cache of `context` tokens (at most what it was trained for). */
export function buildModel(checkpoint: Checkpoint, context: number): Promise<Model> {
  const name = String(checkpoint.metadata.get("general.architecture"));
  const build = architectures.get(name);
  if (build) return build(checkpoint, context);
  const known = [...architectures.keys()].join(", ");
  throw new CheckpointError(`${checkpoint.path}: the architecture “${name}” is not supported; supported are ${known}`);
}
