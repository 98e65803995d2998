// Saves a training's progress, so that it can go on after its process was killed: the steps taken and the parameters with
// AdamW's moments, in one file that is replaced as a whole.

import { existsSync } from "node:fs";
import { sizeOf } from "../graph/tensor";
import { openCheckpoint } from "../load";
import { CheckpointError } from "../load/checkpoint";
import { memoryCheckpoint } from "../load/memory";
import { writeGguf } from "../load/writeGguf";
import type { Parameter } from "./parameter";
import type { Trainer } from "./trainer";

export interface Progress {
  /** Steps taken so far. */
  step: number;
  /** The loss of each. */
  losses: number[];
}

/** `training` identifies the training, the only one to go on from the file. Throws CheckpointError where writing fails. */
export async function saveProgress(
  path: string,
  training: string,
  { step, losses }: Progress,
  parameters: readonly Parameter[],
  trainer: Trainer,
): Promise<void> {
  const tensors = await Promise.all(
    parameters.map(async (parameter) => {
      const { buffer, byteOffset, byteLength } = await trainer.read(parameter);
      const data = new Uint8Array(buffer, byteOffset, byteLength);
      return { name: parameter.name, type: "f32" as const, shape: [3, ...parameter.shape], data };
    }),
  );
  const metadata = new Map<string, string | number | number[]>([
    ["general.type", "training"],
    ["training.of", training],
    ["training.step", step],
    ["training.losses", losses],
  ]);
  await writeGguf(path, memoryCheckpoint(metadata, tensors, [["training.losses", "f64[]"]]));
}

/** Undefined where there is no file, or that of another training. Throws CheckpointError where the file is damaged. */
export async function restoreProgress(
  path: string,
  training: string,
  parameters: readonly Parameter[],
  trainer: Trainer,
): Promise<Progress | undefined> {
  if (!existsSync(path)) return undefined;
  const file = await openCheckpoint(path);
  try {
    if (file.metadata.get("training.of") !== training) return undefined;
    for (const parameter of parameters) {
      const bytes = 12 * sizeOf(parameter.shape);
      if (file.tensors.get(parameter.name)?.bytes !== bytes)
        throw new CheckpointError(`${path}: ${parameter.name} should hold ${bytes} bytes of training progress`);
      const read = await file.read(parameter.name, 0, bytes);
      trainer.write(parameter, new Float32Array(read.slice().buffer));
    }
    const losses = file.metadata.get("training.losses") as number[];
    return { step: Number(file.metadata.get("training.step")), losses };
  } finally {
    await file.close();
  }
}

/** The steps of the training that the file is of; undefined where there is none, or it cannot be read. */
export async function stepsOfProgress(path: string): Promise<number | undefined> {
  if (!existsSync(path)) return undefined;
  const file = await openCheckpoint(path).catch(() => undefined); // whoever goes on with it says what is wrong
  await file?.close();
  const training = file?.metadata.get("training.of");
  return training === undefined ? undefined : JSON.parse(String(training)).steps;
}
