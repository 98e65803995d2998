// What a completion is, in the editor as on the command line: what the model writes at a caret, and what of it is shown.
import type { Settings } from "../../protocol";
import type { EngineProxy } from "../engine/proxy";
import { type Shown, trim } from "./trim";
import type { CaretText, Completion, ContextPiece } from "./types";

/** What completions are made with. */
export interface Writer {
  complete: EngineProxy["complete"];
  /** Pieces that may stand in the prompt. */
  piecesAt(source: CaretText, settings: Settings): Promise<readonly ContextPiece[]>;
}

/** What the model writes at the caret. Rejects with the signal's reason if aborted. */
export async function write(
  { complete, piecesAt }: Writer,
  source: CaretText,
  settings: Settings,
  invoked: boolean,
  signal?: AbortSignal,
): Promise<Completion> {
  const {
    completions: { maxTokens, multiline },
    model: { context: budget },
  } = settings;
  const pieces = await piecesAt(source, settings);
  return complete({ source, pieces, budget, maxTokens, multiline: multiline === "auto", invoked }, signal);
}

/** What is shown of the text that the model wrote, or of the rest of it; undefined if nothing is. */
export const show = ({ text }: Pick<Completion, "text">, source: CaretText): Shown | undefined => trim(text, source);
