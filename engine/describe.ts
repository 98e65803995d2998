// Describes a model's file or folder, whether or not the engine can load it.

import { describeCheckpoint, openCheckpoint } from "./load";
import { type Checkpoint, CheckpointError, type Description } from "./load/checkpoint";
import { architectureOf } from "./models";
import { WeightError } from "./nn";

/** Describes the model at `path` without reading its weights. Throws CheckpointError where it is not a model. */
export async function describeModel(path: string): Promise<Description> {
  const description = await describeCheckpoint(path);
  return { ...description, refusal: description.refusal ?? (await refusalOf(path)) };
}

/** Why no model can be made of the file or folder. */
async function refusalOf(path: string): Promise<Error | undefined> {
  let checkpoint: Checkpoint | undefined;
  try {
    checkpoint = await openCheckpoint(path);
    await architectureOf(checkpoint);
    return undefined;
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof WeightError) return error;
    throw error;
  } finally {
    await checkpoint?.close();
  }
}
