// Code like that before the caret, with the lines that follow it.
import { terms } from "../../workspace/index/terms";
import type { WorkspaceIndex } from "../../workspace/index/types";
import { lastLines } from "../lines";
import type { CaretText, ContextPiece } from "../types";
import { piecesOf } from "./candidate";

const most = 8;
/** Below it a piece does more harm than good, as measured. */
const leastScore = 0.3;
/** A single word in common is chance, whatever its share: of a small workspace few words are known. */
const leastShared = 2;
/** Lines before the caret that are compared. */
const compared = 12;

export const similarCode = (
  { prefix: before, uri, languageId }: CaretText,
  { search }: Pick<WorkspaceIndex, "search">,
): Promise<ContextPiece[]> =>
  piecesOf("similar", async () => {
    const wanted = new Set(terms(lastLines(before, compared)));
    const found = await search({ before, uri, languageId }, most);
    return found.flatMap(({ chunk, score }) => {
      const words = shared(wanted, chunk.text);
      if (score < leastScore || words.length < leastShared) return [];
      return { chunk, score, why: `shares ${words.slice(0, 3).join(", ")}` };
    });
  });

/** The words in common, those that tell most first: compound ones before single ones, long ones before short ones. */
function shared(wanted: ReadonlySet<string>, text: string): string[] {
  const weight = (word: string) => word.length + (word === word.toLowerCase() && !word.includes("_") ? 0 : 100);
  return terms(text)
    .filter((term) => wanted.has(term) && !keywords.test(term))
    .sort((a, b) => weight(b) - weight(a));
}

const keywords =
  /^(async|await|bool|break|class|const|continue|def|default|else|enum|export|false|final|for|from|func|function|if|impl|import|int|interface|let|new|none|null|number|package|private|protected|public|pub|return|self|static|string|struct|this|throw|true|type|undefined|use|val|var|void|while)$/;
