// Code like that before the caret, with the lines that follow it.
import { terms } from "../../workspace/index/terms";
import type { WorkspaceIndex } from "../../workspace/index/types";
import { lastLines } from "../lines";
import type { CaretText, ContextPiece } from "../types";
import { piecesOf } from "./candidate";

const most = 8;
/** Below it a piece does more harm than good, as measured. */
const leastScore = 0.3;
/** Lines before the caret that are compared. */
const compared = 12;

export const similarCode = (
  { prefix: before, uri, languageId }: CaretText,
  { search }: Pick<WorkspaceIndex, "search">,
): Promise<ContextPiece[]> =>
  piecesOf("similar", async () => {
    const wanted = new Set(terms(lastLines(before, compared)));
    const found = await search({ before, uri, languageId }, most);
    return found
      .filter(({ score }) => score >= leastScore)
      .map(({ chunk, score }) => ({ chunk, score, why: `shares ${shared(wanted, chunk.text)}` }));
  });

/** The longest words in common. */
function shared(wanted: ReadonlySet<string>, text: string): string {
  const both = terms(text).filter((term) => wanted.has(term));
  return both
    .sort((a, b) => b.length - a.length)
    .slice(0, 3)
    .join(", ");
}
