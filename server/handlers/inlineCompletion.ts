// Inline completions: an earlier completion that still holds, or else a new one from the model.
import {
  type CancellationToken,
  type InlineCompletionItem,
  type InlineCompletionParams,
  InlineCompletionTriggerKind,
} from "vscode-languageserver";
import { type AcceptedParams, acceptedCommand } from "../../protocol";
import { compute } from "../completion/compute";
import { show } from "../completion/suggest";
import { canComplete, enabled } from "../completion/wanted";
import { windowAround } from "../completion/window";
import type { Context } from "../context";

export async function inlineCompletion(
  context: Context,
  { textDocument: { uri }, position, context: { triggerKind, selectedCompletionInfo } }: InlineCompletionParams,
  token: CancellationToken,
): Promise<InlineCompletionItem[]> {
  const { documents, cache, folders } = context;
  const { engine } = context.host;
  const document = documents.get(uri);
  if (!document || !engine) return []; // the document was closed meanwhile, or the model is still loading
  const { version } = document;
  const invoked = triggerKind === InlineCompletionTriggerKind.Invoked;
  if (!invoked && context.status.current.snoozedUntil) return [];

  const caretText = documents.caretText(document, position, folders);
  if (selectedCompletionInfo) {
    // The selected item of the suggestion list replaces the typed start of it; the completion continues the item.
    const typed = document.getText({ start: selectedCompletionInfo.range.start, end: position });
    caretText.prefix = caretText.prefix.slice(0, caretText.prefix.length - typed.length) + selectedCompletionInfo.text;
  }
  const settings = await context.settings(uri);
  const source = windowAround(caretText, settings.model.context);
  if (!enabled(settings, document.languageId, invoked) || !canComplete(source, engine.fillsInMiddle)) return [];

  const cached = cache.find(source);
  const useCached = cached && (!invoked || (cached.text.trim() && cached.end !== "unsure"));
  const completion = useCached ? cached : await compute(context, source, settings, invoked, token);
  if (!completion || token.isCancellationRequested || document.version !== version) return [];
  const shown = show(completion, source);
  if (!shown) return [];
  const accepted: AcceptedParams = { id: completion.id, kind: shown.insertText.includes("\n") ? "block" : "line" };
  return [
    {
      insertText: (selectedCompletionInfo?.text ?? "") + shown.insertText,
      range: {
        start: selectedCompletionInfo?.range.start ?? position,
        end: { line: position.line, character: position.character + shown.replaces },
      },
      command: { title: "Completion accepted", command: acceptedCommand, arguments: [accepted] },
    },
  ];
}
