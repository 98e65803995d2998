// What there is to say about a model: its name, its size, what it was trained for.

import type { Checkpoint, TensorInfo } from "./load/checkpoint";
import { modelName } from "./load/modelName";

export interface ModelInfo {
  path: string;
  /** See modelName. */
  name: string;
  architecture: string;
  /** Of the weights in use. */
  parameters: number;
  bytes: number;
  /** What the model was trained for. */
  trainedContext: number;
}

/** `weights` are those in use. */
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
