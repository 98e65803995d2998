// Whether to complete at all: by the settings, and by the text around the caret.
import type { Settings } from "../../protocol";
import { onlyClosers } from "./brackets";
import { firstLine } from "./lines";
import type { CaretText } from "./types";

export function enabled({ completions }: Settings, languageId: string, invoked: boolean): boolean {
  if (!completions.enabled) return false;
  if (invoked) return true; // the user may invoke it in every language
  if (completions.trigger === "manual") return false;
  return completions.languages[languageId] ?? completions.languages["*"] ?? true;
}

export const canComplete = ({ prefix, suffix }: CaretText, fillsInMiddle: boolean): boolean =>
  prefix.trim() !== "" && (fillsInMiddle || !needsFillInMiddle(suffix));

/** Whether the rest of the line is more than closers, so that only a model that can fill in the middle can complete. */
export const needsFillInMiddle = (suffix: string): boolean => !onlyClosers(firstLine(suffix).trimStart().slice(0, 1));
