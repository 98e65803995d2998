// The caret rests somewhere: the model prefills the prompt there, so that the first completion finds it in the KV cache.
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
  const request = { source, pieces: [], budget };
  const reading = await host.engine.warm(request).catch(() => undefined); // a completion cancelled it
  if (reading) reportSpeed(context, "prefill", reading);
}
