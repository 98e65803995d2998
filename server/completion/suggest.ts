// What a completion is, in the editor as on the command line: what the model writes at a caret, and what of it is shown.
import type { Settings } from "../../protocol";
import type { EngineProxy } from "../engine/proxy";
import { type Shown, trim } from "./trim";
import type { CaretText, Completion } from "./types";

/** What completions are made with. */
export interface Writer {
  complete: EngineProxy["complete"];
}

/** What the model writes at the caret. Rejects with the signal's reason if aborted. */
export function write(
  { complete }: Writer,
  source: CaretText,
  { completions: { maxTokens, multiline }, model: { context: budget } }: Settings,
  invoked: boolean,
  signal?: AbortSignal,
): Promise<Completion> {
  return complete({ source, pieces: [], budget, maxTokens, multiline: multiline === "auto", invoked }, signal);
}

/** What is shown of the text that the model wrote, or of the rest of it; undefined if nothing is. */
export const show = ({ text }: Pick<Completion, "text">, source: CaretText): Shown | undefined => trim(text, source);
