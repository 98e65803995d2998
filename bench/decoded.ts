// Writes a copy of a model with its weights dequantized to F32, so that nothing is rounded when it runs.

import { storedBytes } from "../engine/graph/storage";
import { sizeOf } from "../engine/graph/tensor";
import { openCheckpoint } from "../engine/load";
import { dequantize } from "../engine/load/dequantize";
import { writeGguf } from "../engine/load/writeGguf";

export async function writeDecoded(from: string, to: string): Promise<void> {
  const checkpoint = await openCheckpoint(from);
  const tensors = [...checkpoint.tensors.values()].map((tensor) => {
    return { ...tensor, type: "f32" as const, bytes: storedBytes("f32", sizeOf(tensor.shape)) };
  });
  let values = new Float32Array(0);
  await writeGguf(to, {
    ...checkpoint,
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
    async read(name, from, length) {
      if (from === 0) {
        const { type, shape, bytes } = checkpoint.tensors.get(name)!;
        values = new Float32Array(sizeOf(shape));
        dequantize(type, await checkpoint.read(name, 0, bytes), values);
      }
      return new Uint8Array(values.buffer, from, length);
    },
  });
  await checkpoint.close();
}
