// Describes a model to people: its name, its size, its context length.

import type { Checkpoint, TensorInfo } from "./load/checkpoint";
import { modelName } from "./load/modelName";

export interface ModelInfo {
  path: string;
  /** From the file's name: see load/modelName.ts. */
  name: string;
  architecture: string;
  /** How many values the weights in use have, and how many bytes they take. */
  parameters: number;
  bytes: number;
  /** The context length that the model was trained with, in tokens; 0 where its file does not say. */
  trainedContext: number;
}

/** `weights` are the checkpoint's tensors that the model uses. */
export function modelInfo({ path, metadata }: Checkpoint, weights: readonly TensorInfo[]): ModelInfo {
  const architecture = String(metadata.get("general.architecture"));
  return {
    path,
    name: modelName(path),
    architecture,
    parameters: weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0),
    trainedContext: Number(metadata.get(`${architecture}.context_length`) ?? 0),
  };
}
