// Measures how often a model writes the next line of a file exactly, from the lines before it, taking the most probable
// token each time. White space around a line makes no difference.

import type { Session } from "../generate/session";
import { startOf, type Tokenizer } from "../text/tokenizer";
import type { Document } from "./data";
import { permutation } from "./random";

export interface NextLine {
  path: string;
  header: string;
  /** The file up to the end of the last line before this one that is not blank. */
  before: string;
  truth: string;
}

export interface NamedDocument extends Document {
  path: string;
}

/** A line has at least three letters or digits, since a lone bracket tells nothing, and is short enough to be shown. */
const worth = /\w\W*\w\W*\w/;
const maxCharacters = 160;

/** Draws `count` lines of the documents, or all where there are fewer, and returns them in their order. */
export function chooseLines(documents: readonly NamedDocument[], count: number, seed: number): NextLine[] {
  const all = documents.flatMap(linesOf);
  const drawn = permutation(all.length, seed).slice(0, count).sort();
  return [...drawn].map((i) => all[i]);
}

function linesOf({ path, header, text }: NamedDocument): NextLine[] {
  return [...text.matchAll(/(?<=\n)[^\n]+/g)].flatMap(({ 0: line, index }) => {
    if (!worth.test(line) || line.length > maxCharacters) return [];
    const before = text.slice(0, index).trimEnd();
    return before ? [{ path, header, before, truth: line.trimEnd() }] : [];
  });
}

export const isExact = ({ truth }: NextLine, written: string): boolean => written.trim() === truth.trim();

const maxTokens = 64;

/** What the model writes for each line. `undisturbed` runs the work, and runs it again whenever its signal aborted it. */
export async function writeLines(
  session: Session,
  tokenizer: Tokenizer,
  lines: readonly NextLine[],
  undisturbed: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): Promise<string[]> {
  const written: string[] = [];
  let last: { line?: NextLine; from: number } = { from: 0 };
  for (const line of lines) {
    const { prompt, from } = promptOf(line, last.line?.path === line.path ? last.from : 0);
    last = { line, from };
    written.push(await undisturbed((signal) => write(prompt, signal)));
  }
  return written;

  /** A prompt that begins where the file's last one began, as long as it fits, so that the KV cache is reused. */
  function promptOf({ header, before }: NextLine, from: number) {
    for (; ; from = middle(before, from)) {
      const prompt = [...startOf(tokenizer), ...tokenizer.encode(header + before.slice(from))];
      if (prompt.length + maxTokens <= session.context) return { prompt, from };
    }
  }

  async function write(prompt: readonly number[], signal: AbortSignal): Promise<string> {
    const decoder = tokenizer.decoder();
    let text = "";
    for await (const { id } of session.generate(prompt, {
      maxTokens,
      stop: tokenizer.endOfGeneration,
      signal,
    })) {
      text += decoder.push(id);
      if (/\S[^\n]*\n/.test(text) || /^[^\S\n]*\S/.test(text)) break;
    }
    return /^\s*\n([^\n]*\S)/.exec(text)?.[1] ?? "";
  }
}

/** A place after about half of the text from `from` on: the start of the next line, where there is one. */
function middle(text: string, from: number): number {
  const half = from + Math.ceil((text.length - from) / 2);
  return text.indexOf("\n", half) + 1 || half;
}
