// Puts an adapter on a model: its tensors lie on the device beside the base model's weights, which stay as they are.

import type { Namespace } from "../device/device";
import { type Shape, state, Tensor } from "../graph/tensor";
import type { Adapter } from "../load/adapter";
import type { Attached } from "../nn";

/** An adapter whose tensors are states: the device frees them with the last plan that uses them. */
export interface LoadedAdapter extends Attached {
  /** Writes its values to the device. Call it after a plan of the model with this adapter has been prepared. */
  write(device: Namespace): void;
}

/** `scale` multiplies what the adapter adds; 1 is as it was trained. Adapters in one namespace need different `name`s. */
export function attach(adapter: Adapter, scale: number, name: string): LoadedAdapter {
  return {
    ...attached(adapter, scale, (tensor, shape) => state(`${name}.${tensor}`, shape)),
    write(device) {
      for (const [tensor, { values }] of adapter.tensors) device.write(`${name}.${tensor}`, values);
    },
  };
}

/** Uploads an adapter's tensors as weights, which stay for as long as the model. */
export async function attachPermanently(
  adapter: Adapter,
  scale: number,
  name: string,
  device: Namespace,
): Promise<Attached> {
  for (const [tensor, { shape, values }] of adapter.tensors)
    await device.upload({
      name: `${name}.${tensor}`,
      type: "f32",
      shape,
      read: async (from, length) => new Uint8Array(values.buffer, values.byteOffset + from, length),
    });
  return attached(
    adapter,
    scale,
    (tensor, shape) => new Tensor(shape, "f32", { kind: "weight", name: `${name}.${tensor}` }),
  );
}

function attached(
  { alpha, rank, tensors }: Adapter,
  scale: number,
  place: (tensor: string, shape: Shape) => Tensor,
): Attached {
  const find = (tensor: string) => {
    const found = tensors.get(tensor);
    return found && place(tensor, found.shape);
  };
  return {
    factor: (scale * alpha) / rank,
    tensorsOf(weight) {
      const [a, b, router] = ["a", "b", "router"].map((part) => find(`${weight}.lora_${part}`));
      return a && b && { a, b, router };
    },
  };
}
