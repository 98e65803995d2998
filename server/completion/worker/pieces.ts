// Takes context pieces into the prompt: those with the best score for their tokens, as long as there is room.
import { type FillInMiddle, pathHeader, type Tokenizer } from "../../../engine";
import type { PromptPiece } from "../../../protocol";
import type { ContextPiece } from "../types";
import { memoize } from "./memoize";

/** A segment of the prompt, and what it is to a reader. */
export type Part = Omit<PromptPiece, "tokens"> & { ids: readonly number[] };

export interface PiecePart {
  /** For a form that marks paths. Else the path is a comment at the start of the text, where the language has one. */
  path: Part;
  text: Part;
  /** All the tokens that the piece takes. */
  tokens: number;
}

/** Tokens of a piece's text, at most. */
const longest = 260;
/** Tokens that a form puts around a path and a text. */
const markers = 3;

/** The piece with the best score comes last, next to the file. `room` is in tokens. */
export type TakePieces = (pieces: readonly ContextPiece[], room: number) => PiecePart[];

export function createPieces(tokenizer: Tokenizer, form: FillInMiddle | undefined): TakePieces {
  const marked = form?.otherFiles === "files";
  const lineEnd = tokenizer.encode("\n", { continues: true });
  const encode = memoize((text) => tokenizer.encode(text, { continues: true }).slice(0, longest));

  function partOf({ choice, uri, path, languageId, firstLine, lastLine, text }: ContextPiece): PiecePart {
    const start = encode(marked ? text : pathHeader(path, languageId) + text);
    const ids = marked ? start : [...start, ...lineEnd];
    const pathIds = encode(path);
    return {
      path: { kind: "path", text: path, ids: pathIds },
      text: { kind: "context", choice, origin: { uri, firstLine, lastLine }, text: tokenizer.decode(ids), ids },
      tokens: ids.length + (marked ? pathIds.length + markers : 0),
    };
  }

  return (pieces, room) => {
    const scores = new Map(pieces.map((piece) => [partOf(piece), piece.choice.score]));
    const taken: PiecePart[] = [];
    for (const [part] of [...scores].sort(([a, x], [b, y]) => y / b.tokens - x / a.tokens)) {
      if (part.tokens > room) continue;
      room -= part.tokens;
      taken.push(part);
    }
    return taken.sort((a, b) => scores.get(a)! - scores.get(b)!);
  };
}
