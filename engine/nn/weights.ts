// Where layers ask for their weights, by GGUF's names: a checkpoint, random values and a quantized file look alike.

import type { TensorInfo } from "../load/checkpoint";
import { type Shape, Tensor } from "../tensor";

export interface Weights {
  /** The weight of that name under this scope; throws WeightError where it is missing or of another shape. */
  get(name: string, shape: Shape): Tensor;
  has(name: string): boolean;
  /** The weights whose names begin with `scope.`. */
  at(scope: string): Weights;
}

/** A checkpoint that does not hold what its architecture needs. The sentence is shown to the user. */
export class WeightError extends Error {
  override name = "WeightError";
}

export function weightsOf(tensors: ReadonlyMap<string, TensorInfo>, scope = ""): Weights {
  return {
    get(name, shape) {
      const info = tensors.get(scope + name);
      if (!info) throw new WeightError(`The tensor ${scope}${name} is missing; expected (${shape.join(", ")})`);
      if (info.shape.join() !== shape.join())
        throw new WeightError(
          `The tensor ${scope}${name} has shape (${info.shape.join(", ")}); expected (${shape.join(", ")})`,
        );
      return new Tensor(shape, info.type, { kind: "weight", name: scope + name });
    },
    has: (name) => tensors.has(scope + name),
    at: (inner) => weightsOf(tensors, `${scope}${inner}.`),
  };
}
