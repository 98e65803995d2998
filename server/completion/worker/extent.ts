// How far a completion may go: over a block after a line that opens one, over several lines on an empty line, else to the end
// of the line.
import { onlyClosers } from "../brackets";
import { firstLine, lastLine } from "../lines";
import type { CaretText, Extent } from "../types";
import type { Place } from "./syntax";

/** `place` is the caret's syntax; without a grammar it is undefined and the text alone decides. */
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

/** Whether the line up to the caret opens a block. */
function opens(line: string, languageId: string, place: Place | undefined): boolean {
  if (place) return place.opensBlock;
  if (/[{([]\s*$/.test(line)) return /\{\s*$/.test(line);
  return languageId === "python" && /:\s*$/.test(line);
}
