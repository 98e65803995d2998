// Measures infilling: how often a model writes a random span within a line exactly, taking the most probable token each
// time (random-span infilling: Bavarian et al., arXiv:2207.14255).

import type { Session } from "../generate/session";
import { generateText } from "../generate/text";
import { createConstraints, encodeUnfinished } from "../generate/tokenHealing";
import type { FillInMiddle } from "../text/fillInMiddle";
import { idsOf } from "../text/segment";
import { startOf, type Tokenizer } from "../text/tokenizer";
import type { NamedDocument } from "./nextLines";
import { permutation, randomInteger } from "./random";

export interface InfillSpan {
  path: string;
  /** The text before the span, with the document's header. */
  prefix: string;
  /** The text after the span. */
  suffix: string;
  truth: string;
}

/** A line: its indentation, and enough text for a span with something on both sides. */
const line = /(?<=\n)([^\S\n]*)(\S[^\n]{4,158}\S)(?=\n)/g;
/** The most characters around a span, and the most tokens of the prompt and of what is written. */
const [before, after] = [2000, 500];
const maxTokens = { prompt: 768, written: 64 };
/** The share of a prompt that the suffix may take. */
const suffixShare = 1 / 4;

/** Draws `count` lines of the documents, or all where there are fewer, and a span in each. */
export function chooseSpans(documents: readonly NamedDocument[], count: number, seed: number): InfillSpan[] {
  const lines = documents.flatMap((document) =>
    [...document.text.matchAll(line)].map((found) => ({ document, at: found.index + found[1].length, text: found[2] })),
  );
  return [...permutation(lines.length, seed)].slice(0, count).map((i) => {
    const { document, at, text } = lines[i];
    const from = 1 + randomInteger(text.length - 2, seed, i, 0);
    const to = from + 1 + randomInteger(text.length - from - 1, seed, i, 1);
    return {
      path: document.path,
      prefix: document.header + document.text.slice(Math.max(0, at + from - before), at + from),
      suffix: document.text.slice(at + to, at + to + after),
      truth: text.slice(from, to),
    };
  });
}

export const isFilled = ({ truth }: InfillSpan, written: string): boolean => written === truth;

/**
 * What the model writes for each span: until it ends its text or its line, or begins to repeat the rest of the line. A
 * model without a `form` reads the text before the span alone.
 */
export async function fillSpans(
  session: Session,
  tokenizer: Tokenizer,
  form: FillInMiddle | undefined,
  spans: readonly InfillSpan[],
): Promise<string[]> {
  const constrainTo = createConstraints(tokenizer);
  const room = Math.min(maxTokens.prompt, session.context - maxTokens.written - 8);
  const written: string[] = [];
  for (const { prefix, suffix } of spans) {
    const right = form ? tokenizer.encode(suffix, { continues: true }).slice(0, room * suffixShare) : [];
    const { ids, healedPrefix } = encodeUnfinished(tokenizer, prefix);
    const left = [{ ids: ids.slice(right.length - room) }];
    const prompt = form
      ? form.layout({ prefix: left, suffix: [{ ids: right }] })
      : [{ ids: startOf(tokenizer) }, ...left];
    const stopStrings = [suffix.slice(0, suffix.indexOf("\n")), "\n"];
    let text = "";
    for await (const piece of generateText({ session, tokenizer }, idsOf(prompt), {
      maxTokens: maxTokens.written,
      constraint: constrainTo(healedPrefix),
      stopStrings,
    }))
      text += piece;
    written.push(text);
  }
  return written;
}
