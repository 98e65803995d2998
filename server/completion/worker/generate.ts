// Generates a completion token by token until the model or a stop rule ends it.
import { type ConstrainTo, createConstraints, type Engine } from "../../../engine";
import type { Completion, CompletionRequest, PromptReading } from "../types";
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
  const stopAt = createStop(source, extent);
  const decoder = tokenizer.decoder();
  let [written, text, generated] = ["", "", 0];
  const options = { maxTokens, stop: tokenizer.endOfGeneration, constraint: constrainTo(healedPrefix), signal };
  for await (const { id } of session.generate(ids, options)) {
    generated++;
    written += decoder.push(id);
    if (written.length < healedPrefix.length) continue;
    text = written.slice(healedPrefix.length);
    const end = stopAt(text);
    if (end === undefined) continue;
    text = text.slice(0, end);
    break;
  }
  if (generated === maxTokens) text = place?.inText ? wholeWords(text) : extent !== "line" ? wholeLines(text) : text;
  const time = { prefill: prefill.milliseconds, decode: performance.now() - started };
  return { text, healedPrefix, prompt: pieces, tokens: ids.length, reused: prefill.reused, generated, time };
}

/** In comments and strings users accept a few words at a time, and small models lose the thread soon. */
const maxTokensInText = 16;

const wholeWords = (text: string) => text.replace(/(?<=\S)\s+\S*$/, "");
const wholeLines = (text: string) => text.slice(0, text.includes("\n") ? text.lastIndexOf("\n") : undefined);

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
