// What the stages of a completion hand on: the text around a caret, what is asked of the model, what it answered.
import type { PromptPiece } from "../../protocol";

/** A caret in a document, and the text around it. */
export interface CaretText {
  uri: string;
  /** For the model to read: relative to the workspace folder. */
  path: string;
  languageId: string;
  /** The caret's. */
  line: number;
  prefix: string;
  suffix: string;
}

/**
 * How far a completion may go: to the end of its line, to the end of the block that its line opens, or over lines that
 * stand beside each other; `next` is the line, and where that is finished the lines below it.
 */
export type Extent = "line" | "block" | "lines" | "next";

export interface CompletionRequest {
  source: CaretText;
  /** The longest prompt, in tokens. */
  budget: number;
  maxTokens: number;
  /** Whether it may go beyond the caret's line where the syntax calls for it. */
  multiline: boolean;
  /** By hand: then there should be something to show. */
  invoked: boolean;
}

/** Of tokens that were not in the cache. */
export interface Reading {
  tokens: number;
  milliseconds: number;
}

export interface Completion {
  /** As the stop rules left it; not yet trimmed against what stands right of the caret. */
  text: string;
  /** Left of the caret what the prompt lacked, which the model wrote again before the text. */
  healedPrefix: string;
  prompt: PromptPiece[];
  /** Prompt tokens, and how many of them were in the cache. */
  tokens: number;
  reused: number;
  /** Tokens that were written, whatever became of them. */
  generated: number;
  /** Milliseconds. */
  time: { prefill: number; decode: number };
}
