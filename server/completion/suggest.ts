// What a completion is, in the editor as on the command line: what the model writes at a caret, and what of it is shown.
import type { Settings } from "../../protocol";
import type { EngineProxy } from "../engine/proxy";
import { leastConfidence } from "./confidence";
import { type Shown, trim } from "./trim";
import type { CaretText, Completion, ContextPiece, Written } from "./types";

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
  const { maxTokens, multiline } = settings.completions;
  const wanted = {
    maxTokens,
    multiline: multiline === "auto",
    invoked,
    least: leastConfidence(settings, source, invoked),
  };
  const pieces = await piecesAt(source, settings);
  return complete({ source, pieces, budget: settings.model.context, ...wanted }, signal);
}

/** What is shown of the text that the model wrote, or of the rest of it; undefined if nothing is. */
export function show(written: Written, source: CaretText): Shown | undefined {
  return written.confidence >= written.least ? trim(written, source) : undefined;
}
