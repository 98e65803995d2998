// Where layers ask for their weights, by GGUF's names: a checkpoint, random values and a quantized file look alike.

import { type Shape, Tensor } from "../graph/tensor";
import type { TensorInfo } from "../load/checkpoint";
import { type AdapterModule, type Attached, adaptersOf } from "./lora";

export interface Weights {
  /** The weight of that name under this scope; throws WeightError where it is missing or of another shape. */
  get(name: string, shape: Shape): Tensor;
  has(name: string): boolean;
  /** What adapters add to the linear layer of that weight. */
  adapters(name: string, inputs: number, outputs: number): readonly AdapterModule[];
  /** The weights whose names begin with `scope.`. */
  at(scope: string): Weights;
}

/** A checkpoint that does not hold what its architecture needs. The sentence is shown to the user. */
export class WeightError extends Error {
  override name = "WeightError";
}

/** Where a weight of a checkpoint is found once its name and shape are known to be right. */
export type Locate = (info: TensorInfo) => Tensor;

/** As the device finds it under the tensor's name. */
export const uploaded: Locate = ({ name, shape, type }) => new Tensor(shape, type, { kind: "weight", name });

export function weightsOf(
  tensors: ReadonlyMap<string, TensorInfo>,
  adapters: readonly Attached[] = [],
  locate = uploaded,
): Weights {
  const under = (scope: string): Weights => ({
    get(name, shape) {
      const info = tensors.get(scope + name);
      if (!info) throw new WeightError(`The tensor ${scope}${name} is missing; expected (${shape.join(", ")})`);
      if (info.shape.join() !== shape.join())
        throw new WeightError(
          `The tensor ${scope}${name} has shape (${info.shape.join(", ")}); expected (${shape.join(", ")})`,
        );
      return locate(info);
    },
    has: (name) => tensors.has(scope + name),
    adapters: (name, inputs, outputs) => adaptersOf(adapters, scope + name, inputs, outputs),
    at: (inner) => under(`${scope}${inner}.`),
  });
  return under("");
}
