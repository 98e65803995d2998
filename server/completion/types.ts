// The types that the stages of a completion exchange: the text around a caret, the request to the engine, its answer.
import type { PieceChoice, PromptPiece } from "../../protocol";

/** A caret in a document, and the text around it. */
export interface CaretText {
  uri: string;
  /** Relative to the workspace folder, for the prompt. */
  path: string;
  languageId: string;
  /** The caret's line, counted from 0. */
  line: number;
  prefix: string;
  suffix: string;
}

/** A passage of the workspace, or of the document itself, that may stand in the prompt. */
export interface ContextPiece {
  choice: PieceChoice;
  uri: string;
  /** Relative to the workspace folder. */
  path: string;
  languageId: string;
  /** Counted from 0, the last one included. */
  firstLine: number;
  lastLine: number;
  text: string;
}

/**
 * How far a completion may go: `line`, to the end of the line; `block`, to the end of the block that the line opens; `lines`,
 * to the next blank line; `next`, to the end of the line or, if the line is complete already, over the lines below it.
 */
export type Extent = "line" | "block" | "lines" | "next";

export interface CompletionRequest {
  source: CaretText;
  /** Candidates for the prompt. Those with the best scores for their length are taken. */
  pieces: readonly ContextPiece[];
  /** The longest prompt, in tokens. */
  budget: number;
  maxTokens: number;
  /** Whether it may go beyond the caret's line where the syntax calls for it. */
  multiline: boolean;
  /** The user invoked it, so that an empty completion should be avoided. */
  invoked: boolean;
  /** The lowest confidence that a line may have. Below it nothing more is written. */
  least: number;
}

/**
 * How a completion ended: `joined`, by the model's end token, or where it began to write what stands right of the caret;
 * `stopped`, by another stop rule or at its longest; `unsure`, because its first line had less than the least confidence.
 */
export type End = "joined" | "stopped" | "unsure";

/** How many tokens the model read or wrote, and the time that they took. */
export interface Reading {
  tokens: number;
  milliseconds: number;
}

export interface PromptReading extends Reading {
  /** Tokens before these that were in the cache. */
  reused: number;
}

/** What the model wrote at a caret. */
export interface Written {
  /** What the stop rules left; not yet trimmed against the text right of the caret. */
  text: string;
  end: End;
  /** That of the first line: the natural logarithm of the probability of its tokens, with the one that ends it. */
  confidence: number;
  /** The confidence that it needs in order to be shown. */
  least: number;
}

export interface Completion extends Written {
  /** The text left of the caret that the prompt left out for token healing, and that the model wrote again before `text`. */
  healedPrefix: string;
  prompt: PromptPiece[];
  /** Prompt tokens, and how many of them were in the KV cache. */
  tokens: number;
  reused: number;
  /** Tokens that the model generated, those that were cut off included. */
  generated: number;
  /** Milliseconds. */
  time: { prefill: number; decode: number };
}
