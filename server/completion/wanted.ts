// Whether a completion is wanted at all: by the settings, and at this place.
import type { Settings } from "../../protocol";
import { onlyClosers } from "./brackets";
import { firstLine } from "./lines";
import type { CaretText } from "./types";

export function enabled({ completions }: Settings, languageId: string, invoked: boolean): boolean {
  if (!completions.enabled) return false;
  if (invoked) return true; // by hand it works everywhere
  if (completions.trigger === "manual") return false;
  return completions.languages[languageId] ?? completions.languages["*"] ?? true;
}

export const canComplete = ({ prefix, suffix }: CaretText, fillsInMiddle: boolean): boolean =>
  prefix.trim() !== "" && (fillsInMiddle || !needsFillInMiddle(suffix));

/** Right of the caret there may begin what ends things; for anything else the model must be able to fill in the middle. */
export const needsFillInMiddle = (suffix: string): boolean => !onlyClosers(firstLine(suffix).trimStart().slice(0, 1));
