// Generates a completion token by token until the model or a stop rule ends it.
import { type ConstrainTo, createConstraints, type Engine } from "../../../engine";
import type { Completion, CompletionRequest, Extent, PromptReading } from "../types";
import { createDraft } from "./draft";
import { extentAt } from "./extent";
import { createLayout, type LayOutPrompt } from "./prompt";
import { createStop } from "./stop";
import { createSyntax, type Syntax } from "./syntax";

/** What completions need beside the engine, created once for a model. */
export interface Prompting {
  layOut: LayOutPrompt;
  constrainTo: ConstrainTo;
  syntax: Syntax;
}

export const createPrompting = ({ tokenizer, fillInMiddle }: Engine): Prompting => ({
  layOut: createLayout(tokenizer, fillInMiddle),
  constrainTo: createConstraints(tokenizer),
  syntax: createSyntax(),
});

/** Rejects with the signal's reason if aborted. */
export async function generate(
  { session, tokenizer }: Pick<Engine, "session" | "tokenizer">,
  { layOut, constrainTo, syntax }: Prompting,
  { multiline, invoked, ...request }: CompletionRequest,
  signal: AbortSignal,
): Promise<Completion> {
  const { source } = request;
  const place = await syntax.placeOf(source);
  const maxTokens = Math.min(request.maxTokens, session.context >> 1, place?.inText ? maxTokensInText : Infinity);
  const { ids, pieces, healedPrefix } = layOut({
    ...request,
    budget: Math.min(request.budget, session.context - maxTokens),
  });
  const prefill = await read({ session }, ids.slice(0, -1), signal);
  const started = performance.now();

  const extent = multiline ? extentAt(source, place, invoked) : "line";
  const draft = createDraft(healedPrefix, createStop(source, extent), request.least);
  const decoder = tokenizer.decoder();
  let [generated, isOver] = [0, false];
  const options = { maxTokens, constraint: constrainTo(healedPrefix), signal };
  for await (const { id, logProbability } of session.generate(ids, options)) {
    generated++;
    isOver = draft.push(decoder.push(id), logProbability, tokenizer.endOfGeneration.has(id));
    if (isOver) break;
  }
  const written = draft.written();
  if (!isOver) written.text = place?.inText ? wholeWords(written.text) : wholeLines(written.text, extent);
  const time = { prefill: prefill.milliseconds, decode: performance.now() - started };
  return { ...written, healedPrefix, prompt: pieces, tokens: ids.length, reused: prefill.reused, generated, time };
}

/** In comments and strings users accept a few words at a time, and small models lose the thread soon. */
const maxTokensInText = 16;

const wholeWords = (text: string) => text.replace(/(?<=\S)\s+\S*$/, "");
const wholeLines = (text: string, extent: Extent) =>
  extent !== "line" && text.includes("\n") ? text.slice(0, text.lastIndexOf("\n")) : text;

/** Prefills the prompt. */
export async function read(
  { session }: Pick<Engine, "session">,
  ids: number[],
  signal: AbortSignal,
): Promise<PromptReading> {
  const started = performance.now();
  const { reused, read } = await session.prefill(ids, signal);
  return { tokens: read, reused, milliseconds: performance.now() - started };
}
