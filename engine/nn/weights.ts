// Where layers get their weights from, by GGUF's names. A checkpoint, random values and a quantized file look alike.

import { type Shape, Tensor } from "../graph/tensor";
import type { TensorInfo } from "../load/checkpoint";
import { type AdapterModule, type Attached, adaptersOf } from "./lora";

export interface Weights {
  /** The weight `name` in this scope. Throws WeightError where it is missing or has another shape. */
  get(name: string, shape: Shape): Tensor;
  has(name: string): boolean;
  /** The adapters of the linear layer (inputs → outputs) whose weight has this name. */
  adapters(name: string, inputs: number, outputs: number): readonly AdapterModule[];
  /** The scope of the weights whose names begin with `scope.`, as `blk.0`. */
  at(scope: string): Weights;
}

/** A checkpoint lacks a weight that its architecture needs, or has it in another shape. Users read the message. */
export class WeightError extends Error {
  override name = "WeightError";
}

/** Makes the tensor for a weight of a checkpoint, whose name and shape have been checked. */
export type Locate = (info: TensorInfo) => Tensor;

/** The weight as it was uploaded to the device, under its own name. */
export const uploaded: Locate = ({ name, shape, type }) => new Tensor(shape, type, { kind: "weight", name });

/** A checkpoint's weights, with adapters on its linear layers. */
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
