// Client → server: the last prompt that was sent to the model for a document, as pieces in the order of the prompt.
import type { Request } from "./message";

export interface ShowPromptParams {
  textDocument: { uri: string };
}

export interface PromptPiece {
  /** `control`: special tokens of the model, by name. `context`: text from elsewhere in the workspace. */
  kind: "control" | "path" | "context" | "prefix" | "suffix";
  /** The lines that the text comes from, counted from 0, the last one included. Absent if it comes from no file. */
  origin?: { uri: string; firstLine: number; lastLine: number };
  text: string;
  tokens: number;
}

export interface Prompt {
  model: string;
  pieces: PromptPiece[];
  tokens: number;
  /** How many of the tokens were in the KV cache already. */
  reused: number;
  /** The model's text before it was trimmed. It begins with the word left of the caret. */
  completion: string;
  /** Milliseconds for reading the prompt, and for generating the completion. */
  time: { prefill: number; decode: number };
}

/** Null if no prompt was sent for the document. */
export const showPrompt = "glassbox/showPrompt" as Request<ShowPromptParams, Prompt | null>;
