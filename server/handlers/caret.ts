// The caret rests somewhere: the pieces for the prompt are chosen, and the model prefills it, so that the first completion finds
// it in the KV cache.
import type { CaretParams } from "../../protocol";
import { enabled } from "../completion/wanted";
import { windowAround } from "../completion/window";
import type { Context } from "../context";
import { reportSpeed } from "../speed";

export async function caret(context: Context, params: CaretParams): Promise<void> {
  context.caret = params;
  await warm(context, params);
}

export async function warm(context: Context, { textDocument: { uri }, position }: CaretParams): Promise<void> {
  const { documents, host, folders, status } = context;
  const document = documents.get(uri);
  if (!document || status.current.snoozedUntil) return;
  const settings = await context.settings(uri);
  if (!host.engine || !enabled(settings, document.languageId, false)) return;
  const budget = settings.model.context;
  const source = windowAround(documents.caretText(document, position, folders), budget);
  const { fillsInMiddle } = host.engine;
  const pieces = await context.pieces.rest(source, { switches: settings.completions.context, fillsInMiddle });
  const reading = await host.engine?.warm({ source, pieces, budget }).catch(() => undefined); // a completion cancelled it
  if (reading) reportSpeed(context, "prefill", reading);
}
