// Ghost text: from what was completed here before, or else from the model, which goes on from what stands before the caret.
import {
  type CancellationToken,
  type InlineCompletionItem,
  type InlineCompletionParams,
  InlineCompletionTriggerKind,
} from "vscode-languageserver";
import { type AcceptedParams, acceptedCommand } from "../../protocol";
import { compute } from "../completion/compute";
import { trim } from "../completion/trim";
import { canComplete, enabled } from "../completion/wanted";
import type { Context } from "../context";

export async function inlineCompletion(
  context: Context,
  { textDocument: { uri }, position, context: { triggerKind, selectedCompletionInfo } }: InlineCompletionParams,
  token: CancellationToken,
): Promise<InlineCompletionItem[]> {
  const { documents, cache, folders } = context;
  const { engine } = context.host;
  const document = documents.get(uri);
  if (!document || !engine) return []; // closed meanwhile, or still loading: nothing to say, not an error
  const { version } = document;
  const invoked = triggerKind === InlineCompletionTriggerKind.Invoked;
  if (!invoked && context.status.current.snoozedUntil) return [];

  const source = documents.source(document, position, folders);
  if (selectedCompletionInfo) {
    // The item chosen in the suggestion list will replace what was typed of it: the completion goes on from there.
    const typed = document.getText({ start: selectedCompletionInfo.range.start, end: position });
    source.prefix = source.prefix.slice(0, source.prefix.length - typed.length) + selectedCompletionInfo.text;
  }
  const settings = await context.settings(uri);
  if (!enabled(settings, document.languageId, invoked) || !canComplete(source, engine.fillsInMiddle)) return [];

  const known = cache.find(source);
  const useful = known && (known.text.trim() || !invoked);
  const completion = useful ? known : await compute(context, source, settings, invoked, token);
  if (!completion || token.isCancellationRequested || document.version !== version) return [];
  const shown = trim(completion.text, source);
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
