// One line or more: a block where one is opened, lines where a line is empty, one line wherever a line has been begun.
import { onlyClosers } from "../brackets";
import { firstLine, lastLine } from "../lines";
import type { CaretText, Extent } from "../types";
import type { Place } from "./syntax";

/** `place` is what the grammar knows of the caret; without one the text has to do. */
export function extentAt(
  { prefix, suffix, languageId }: CaretText,
  place: Place | undefined,
  invoked: boolean,
): Extent {
  const [line, rest] = [lastLine(prefix), firstLine(suffix)];
  if (!onlyClosers(rest) || place?.inText) return "line";
  if (line.trim() && opens(line, languageId, place)) return "block";
  if (rest.trim()) return "line";
  return line.trim() ? (invoked ? "next" : "line") : "lines";
}

/** The line so far ends in what begins a block. */
function opens(line: string, languageId: string, place: Place | undefined): boolean {
  if (place) return place.opensBlock;
  if (/[{([]\s*$/.test(line)) return /\{\s*$/.test(line);
  return languageId === "python" && /:\s*$/.test(line);
}
