// What a choice of files comes to, for the plan that is shown before a lesson.

import type { Choice } from "./choose";
import type { Reason } from "./reasons";

export interface Summary {
  files: number;
  /** Of text, in UTF-8. */
  bytes: number;
  /** The largest first; "" stands for those not known. */
  languages: { languageId: string; files: number; bytes: number }[];
  /** The most frequent first. */
  left: { reason: Reason; files: number }[];
}

export function summarize({ taken, left }: Choice): Summary {
  const languages = new Map<string, Summary["languages"][number]>();
  for (const { text, languageId = "" } of taken) {
    const { files, bytes } = languages.get(languageId) ?? { files: 0, bytes: 0 };
    languages.set(languageId, { languageId, files: files + 1, bytes: bytes + Buffer.byteLength(text) });
  }
  const reasons = new Map<Reason, number>();
  for (const { reason } of left) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return {
    files: taken.length,
    bytes: [...languages.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    languages: [...languages.values()].sort((a, b) => b.bytes - a.bytes),
    left: [...reasons].map(([reason, files]) => ({ reason, files })).sort((a, b) => b.files - a.files),
  };
}
