// General text that ships beside the engine: mixed into what is learned, so that the rest is not forgotten, and measured
// before and after. models/general-text.md tells where it comes from.

import { readFile } from "node:fs/promises";
import { model } from "../assets";
import type { Document } from "./data";

export interface ReplayData {
  toLearn: Document[];
  /** Never learned from, by anything that ships. */
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
