// An adapter on a model: its tensors become states of the device, so that it can be put on and taken off while the base
// model's weights stay where they are.

import type { Device } from "../device/device";
import { state } from "../graph/tensor";
import type { Adapter } from "../load/adapter";
import type { Attached } from "../nn";

export interface LoadedAdapter extends Attached {
  /** Writes its values, once a plan of a model that was built with it has been prepared. */
  upload(device: Device): void;
}

/** `scale` 1 is as it was trained. Adapters in use at the same time need different `name`s. */
export function attach({ alpha, rank, tensors }: Adapter, scale: number, name: string): LoadedAdapter {
  const stateName = (tensor: string) => `${name}.${tensor}`;
  const find = (tensor: string) => {
    const found = tensors.get(tensor);
    return found && state(stateName(tensor), found.shape);
  };
  return {
    factor: (scale * alpha) / rank,
    tensorsOf(weight) {
      const [a, b, router] = ["a", "b", "router"].map((part) => find(`${weight}.lora_${part}`));
      return a && b && { a, b, router };
    },
    upload(device) {
      for (const [tensor, { values }] of tensors) device.write(stateName(tensor), values);
    },
  };
}
