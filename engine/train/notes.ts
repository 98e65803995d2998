// What a fine-tuning keeps beside its parameters to go on after its process was killed: what was measured, and when.

import { readFile } from "node:fs/promises";
import { CheckpointError } from "../load/checkpoint";
import { writeWhole } from "../load/writeWhole";
import type { Measured } from "./report";

export interface HeldOutLoss {
  step: number;
  loss: number;
}

export interface Notes {
  before: Measured;
  heldOut: HeldOutLoss[];
  /** Time spent on steps. */
  milliseconds: number;
}

/** `training` identifies the training. Throws CheckpointError where the file cannot be written. */
export async function writeNotes(path: string, training: string, notes: Notes): Promise<void> {
  const text = JSON.stringify({ training, ...notes });
  await writeWhole({ [path]: (file) => file.writeFile(text) });
}

/** Undefined where there is no file, or that of another training. Throws CheckpointError where the file is damaged. */
export async function readNotes(path: string, training: string): Promise<Notes | undefined> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { before, heldOut, milliseconds, ...known } = JSON.parse(text);
    if (known.training !== training) return undefined;
    return { before: { ...before, written: [...before.written] }, heldOut: [...heldOut], milliseconds: +milliseconds };
  } catch (error) {
    throw new CheckpointError(`${path} is damaged: ${(error as Error).message}`);
  }
}
