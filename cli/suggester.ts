// The server's completions in this process: for `glassbox suggest`, and for benchmarks.

import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Engine, languageOf } from "../engine";
import type { PromptPiece, Settings } from "../protocol";
import { choosePieces, type PieceSources } from "../server/completion/pieces/choose";
import { show, type Writer, write } from "../server/completion/suggest";
import type { CaretText } from "../server/completion/types";
import { canComplete, enabled } from "../server/completion/wanted";
import { windowAround } from "../server/completion/window";
import { createPrompting, generate } from "../server/completion/worker/generate";
import { defaults } from "../server/settings";
import type { Gap } from "./batch";

export interface Suggestion {
  /** What goes in, or what would where it is not shown. */
  text: string;
  shown: boolean;
  /** The natural logarithm of the probability of the text's first line. */
  confidence: number;
  /** Characters right of the caret that the text replaces. */
  replaces: number;
  /** What of the workspace stood in the prompt. */
  pieces: Piece[];
  ms: number;
}

export interface Piece {
  /** Relative to the workspace. */
  path: string;
  /** The first and the last one, counted from 1. */
  lines: [first: number, last: number];
  score: number;
  tokens: number;
}

/** The gap's path is relative to the workspace. */
export type Suggester = (gap: Gap) => Promise<Suggestion>;

/** `folder` is the workspace's, as an absolute path. Without `sources` nothing else of the workspace stands in the prompt. */
export function createSuggester(
  engine: Engine,
  folder: string,
  sources?: PieceSources,
  settings = defaults,
): Suggester {
  const prompting = createPrompting(engine);
  const never = new AbortController().signal;
  const fillsInMiddle = engine.fillInMiddle !== undefined;
  const writer: Writer = {
    complete: (request, signal = never) => generate(engine, prompting, request, signal),
    piecesAt: async (source, { completions: { context: switches } }) =>
      sources ? choosePieces(source, sources, { switches, fillsInMiddle }) : [],
  };
  return async (gap) => {
    const started = performance.now();
    const source = windowAround(caretText(gap, folder), settings.model.context);
    if (!canComplete(source, fillsInMiddle))
      return { text: "", shown: false, confidence: 0, replaces: 0, pieces: [], ms: 0 };
    const written = await write(writer, source, settings, false);
    const shown = show(written, source);
    const ms = Math.round(performance.now() - started);
    // What the editor would give up before its end is written to its end here.
    const whole = shown ? written : await write(writer, source, showingAll(settings), false);
    const inserted = shown ?? show(whole, source);
    return {
      text: inserted?.insertText ?? whole.text,
      shown: shown !== undefined && enabled(settings, source.languageId, false),
      confidence: whole.confidence,
      replaces: inserted?.replaces ?? 0,
      pieces: piecesIn(written.prompt, folder),
      ms,
    };
  };
}

const showingAll = (settings: Settings): Settings => ({
  ...settings,
  completions: { ...settings.completions, show: "all" },
});

export function caretText({ path, ...around }: Gap, folder: string): CaretText {
  const [prefix, suffix] = [around.prefix, around.suffix].map((text) => text.replaceAll("\r\n", "\n"));
  return {
    uri: pathToFileURL(join(folder, path)).href,
    path,
    languageId: languageOf(path) ?? "plaintext",
    line: prefix.split("\n").length - 1,
    prefix,
    suffix,
  };
}

const piecesIn = (prompt: readonly PromptPiece[], folder: string): Piece[] =>
  prompt.flatMap(({ kind, origin, choice, tokens }) => {
    if (kind !== "context" || !origin || !choice) return [];
    const path = relative(folder, fileURLToPath(origin.uri)).split(sep).join("/");
    return [{ path, lines: [origin.firstLine + 1, origin.lastLine + 1], score: choice.score, tokens }];
  });
