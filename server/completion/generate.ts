// Runs a completion on the engine, token by token, until the model or a stop rule ends it.
import { type Engine, sharedPrefix } from "../../engine";
import type { LayOut } from "./prompt";
import { createStop } from "./stop";
import type { Completion, CompletionRequest } from "./types";

export async function generate(
  { session, tokenizer }: Engine,
  layOut: LayOut,
  { source, budget, extent, ...request }: CompletionRequest,
  signal: AbortSignal,
): Promise<Completion> {
  const maxTokens = Math.min(request.maxTokens, session.context >> 1);
  const { ids, pieces, owed } = layOut(source, Math.min(budget, session.context - maxTokens));
  const reused = sharedPrefix(session.cached, ids);
  const started = performance.now();
  await session.prefill(ids.slice(0, -1), signal);
  const read = performance.now();

  const stopAt = createStop(source, extent);
  const decoder = tokenizer.decoder();
  let [written, text, generated] = ["", "", 0];
  for await (const token of session.generate(ids, { maxTokens, stop: tokenizer.endOfGeneration, signal })) {
    generated++;
    written += decoder.push(token);
    if (!agrees(written, owed)) break;
    text = written.slice(owed.length);
    const end = stopAt(text);
    if (end === undefined) continue;
    text = text.slice(0, end);
    break;
  }
  const time = { prefill: read - started, decode: performance.now() - read };
  return { text, prompt: pieces, tokens: ids.length, reused, generated, time };
}

/** One begins as the other does. */
const agrees = (a: string, b: string) => a.startsWith(b) || b.startsWith(a);
