// Replay data: general text that ships with the engine. Fine-tuning mixes it into what it learns against forgetting, and
// measures the loss on the held-out part before and after. models/general-text.md tells where it comes from.

import { readFile } from "node:fs/promises";
import { model } from "../assets";
import type { Document } from "./data";

export interface ReplayData {
  toLearn: Document[];
  /** Nothing that ships has been trained on it. */
  heldOut: Document[];
}

export async function readReplayData(): Promise<ReplayData> {
  const lines = (await readFile(model("general-text.jsonl"), "utf8")).trimEnd().split("\n");
  const documents = lines.map((line): Document & { heldOut?: boolean } => JSON.parse(line));
  const of = (heldOut: boolean) =>
    documents
      .filter((document) => (document.heldOut ?? false) === heldOut)
      .map(({ header, text }): Document => ({ header, text }));
  return { toLearn: of(false), heldOut: of(true) };
}
