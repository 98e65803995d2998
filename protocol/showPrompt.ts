// Client → server: the last prompt that was sent to the model for a document, as pieces in the order of the prompt.
import type { Request } from "./message";

export interface ShowPromptParams {
  textDocument: { uri: string };
}

/** What finds pieces for the prompt: code like that before the caret, declarations, the last edits, the lines after the caret. */
export type PieceSource = "similar" | "declarations" | "edits" | "after";

/** Why a piece stands in the prompt. */
export interface PieceChoice {
  source: PieceSource;
  /** For people, without a full stop. */
  why: string;
  /** What it is expected to be worth, from 0 to 1. */
  score: number;
  /** How long the source took to find it. */
  milliseconds: number;
}

export interface PromptPiece {
  /** `control`: special tokens of the model, by name. `context`: text from elsewhere in the workspace. */
  kind: "control" | "path" | "context" | "prefix" | "suffix";
  /** The lines that the text comes from, counted from 0, the last one included. Absent if it comes from no file. */
  origin?: { uri: string; firstLine: number; lastLine: number };
  text: string;
  tokens: number;
  /** Of `context` alone. */
  choice?: PieceChoice;
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
