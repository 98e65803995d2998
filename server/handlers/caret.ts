// The caret rests: the model reads what stands before it, so that the first keystroke finds it read.
import type { CaretParams } from "../../protocol";
import { enabled } from "../completion/wanted";
import type { Context } from "../context";
import { measured } from "../speed";

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
  const source = documents.source(document, position, folders);
  const reading = await host.engine.warm(source, settings.model.context).catch(() => undefined); // it gave way
  if (reading) measured(context, "prefill", reading);
}
