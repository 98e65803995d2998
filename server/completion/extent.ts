// One line or a block: a block where the syntax leaves one to be written, one line wherever a line has been begun.
import { onlyClosers } from "./brackets";
import { firstLine, lastLine } from "./lines";
import type { Place } from "./syntax";
import type { Extent, Source } from "./types";

/** `place` is what the grammar knows of the caret; without one the text has to do. */
export function extentAt({ prefix, suffix, languageId }: Source, place: Place | undefined): Extent {
  const [line, rest] = [lastLine(prefix), firstLine(suffix)];
  if (!onlyClosers(rest) || place?.inText) return "line";
  if (line.trim()) return opens(line, languageId, place) ? "block" : "line";
  return rest.trim() || !prefix.trim() ? "line" : "block";
}

/** The line so far ends in what begins a block. */
function opens(line: string, languageId: string, place: Place | undefined): boolean {
  if (place) return place.opensBlock;
  if (/[{([]\s*$/.test(line)) return /\{\s*$/.test(line);
  return languageId === "python" && /:\s*$/.test(line);
}
