// Client → server: the last prompt that was sent to the model for a document, piece by piece in the model's order.
import type { Request } from "./message";

export interface ShowPromptParams {
  textDocument: { uri: string };
}

export interface PromptPiece {
  /** `control`: the model's own special tokens, as their names. `context`: text from elsewhere in the workspace. */
  kind: "control" | "path" | "context" | "prefix" | "suffix";
  /** Where the text stands; absent where it stands in no file. Lines count from 0, the last one is part of it. */
  origin?: { uri: string; firstLine: number; lastLine: number };
  text: string;
  tokens: number;
}

export interface Prompt {
  model: string;
  pieces: PromptPiece[];
  tokens: number;
  /** Of these, how many stood in the cache already and cost nothing. */
  reused: number;
  /** What the model answered, before it was trimmed to what was shown. It begins with the word left of the caret. */
  completion: string;
  /** Milliseconds: reading the prompt, then writing the completion. */
  time: { prefill: number; decode: number };
}

/** Null where no prompt was sent for that document. */
export const showPrompt = "glassbox/showPrompt" as Request<ShowPromptParams, Prompt | null>;
