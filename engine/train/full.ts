// Training of all of a model's weights, for small ones: every weight is a parameter.

import type { TensorInfo } from "../load/checkpoint";
import { type Weights, weightsOf } from "../nn";
import { type Parameter, parameter } from "./parameter";

/** Weights for a model to be built with, and the parameters that it has asked for by then. */
export function trainableWeights(tensors: ReadonlyMap<string, TensorInfo>): {
  weights: Weights;
  parameters: Parameter[];
} {
  const made = new Map<string, Parameter>();
  const weights = weightsOf(tensors, [], ({ name, shape }) => {
    if (!made.has(name)) made.set(name, parameter(name, shape)); // a tied output is the embedding itself
    return made.get(name)!.values;
  });
  return {
    weights,
    get parameters() {
      return [...made.values()];
    },
  };
}
