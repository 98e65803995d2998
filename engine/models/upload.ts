// Uploads a model's weights from disk to a device, piece by piece.

import type { Namespace } from "../device/device";
import { plan } from "../graph/plan";
import { state } from "../graph/tensor";
import { type Checkpoint, CheckpointError, type TensorInfo } from "../load/checkpoint";
import { hasInvalidScale } from "../load/invalidScale";
import { packed } from "../nn";
import type { Model } from "./model";

/** Uploads every weight that `model` uses, once each; returns them. Throws CheckpointError where one holds no numbers. */
export async function uploadWeights(
  checkpoint: Checkpoint,
  model: Model,
  device: Namespace,
  onProgress: (share: number) => void = () => {},
): Promise<TensorInfo[]> {
  const used = weightsOfModel(model).map((name) => checkpoint.tensors.get(name)!);
  const total = used.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { name, type, shape } of used)
    await device.upload({
      name,
      type,
      shape,
      async read(from, length) {
        const bytes = await checkpoint.read(name, from, length);
        if (hasInvalidScale(type, bytes))
          throw new CheckpointError(`${checkpoint.path}: the tensor ${name} holds values that are not finite numbers`);
        done += length;
        onProgress(done / total);
        return bytes;
      },
    });
  return used;
}

/** The names of the weights that a pass of the model reads. */
function weightsOfModel(model: Model): string[] {
  const one = state("one", [1], "i32");
  const { namedTensors } = plan({ logits: model.logits(model.forward(one, { positions: one, cache: packed(one) })) });
  return namedTensors.flatMap(({ source }) => (source.kind === "weight" ? [source.name] : []));
}
