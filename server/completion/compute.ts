// Requests a completion from the engine: after the debounce delay, or at once if the user invoked it.
import { randomUUID } from "node:crypto";
import { setTimeout as rest } from "node:timers/promises";
import type { CancellationToken } from "vscode-languageserver";
import type { Settings } from "../../protocol";
import type { Context } from "../context";
import type { EngineProxy } from "../engine/proxy";
import { problemOf } from "../problem";
import { reportSpeed } from "../speed";
import type { Hit } from "./cache";
import { type Writer, write } from "./suggest";
import type { CaretText, Completion } from "./types";

/** Undefined if the request was cancelled, replaced by a newer one, or failed; of a failure the status tells. */
export async function compute(
  context: Context,
  source: CaretText,
  settings: Settings,
  invoked: boolean,
  token: CancellationToken,
): Promise<Hit | undefined> {
  const { host, cache, debounce, status } = context;
  const signal = abortSignal(token);
  let engine: EngineProxy | undefined;
  try {
    if (!invoked) await rest(debounce.delay(settings.completions.delay), undefined, { signal });
    engine = host.engine;
    if (!engine) return undefined;
    const completion = await write(writerOf(context, engine), source, settings, invoked, signal);
    debounce.completed(completion.time.decode);
    const id = randomUUID();
    const { text, end, confidence, least } = completion;
    const hit: Hit = { id, text, end, confidence, least };
    cache.add(source, hit);
    report(context, source, engine, completion);
    return hit;
  } catch (error) {
    // If the engine was lost or unloaded, the host tells.
    if (!isAbort(error) && engine === host.engine) status.set({ problem: problemOf(error, "selectModel") });
  }
}

const writerOf = ({ pieces }: Context, { complete, fillsInMiddle }: EngineProxy): Writer => ({
  complete,
  piecesAt: (source, { completions }) => pieces.at(source, { switches: completions.context, fillsInMiddle }),
});

function report(context: Context, { uri }: CaretText, { info }: EngineProxy, completion: Completion) {
  const { prompt: pieces, healedPrefix, text, tokens, reused, generated, time } = completion;
  context.prompts.set(uri, { model: info.name, pieces, tokens, reused, completion: healedPrefix + text, time });
  reportSpeed(context, "prefill", { tokens: tokens - reused, milliseconds: time.prefill });
  reportSpeed(context, "decode", { tokens: generated, milliseconds: time.decode });
}

function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

const isAbort = (error: unknown) => (error as Error).name === "AbortError";
