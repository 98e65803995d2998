// Nothing to see: tells the server where the caret rests, so that the model has read the place before one types there.
import { type TextEditor, window } from "vscode";
import { caret } from "../protocol";
import type { GlassboxContext } from "./context";
import { isSource } from "./settings";

/** A caret that stays for so many milliseconds rests. */
const rest = 150;

export function activate({ subscriptions, server }: GlassboxContext) {
  let resting: NodeJS.Timeout | undefined;
  let version: number | undefined; // a caret that moved because the text changed is being typed with, and asks for itself

  function watch(editor: TextEditor | undefined) {
    clearTimeout(resting);
    version = editor?.document.version;
    if (editor && isSource(editor.document)) resting = setTimeout(() => tell(editor), rest);
  }

  function tell({ document, selection: { active } }: TextEditor) {
    if (document.isClosed || server.status.state !== "ready") return;
    const position = { line: active.line, character: active.character };
    server.notify(caret, { textDocument: { uri: document.uri.toString() }, position });
  }

  let wasReady = false;
  subscriptions.push(
    { dispose: () => clearTimeout(resting) },
    window.onDidChangeActiveTextEditor(watch),
    window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor !== window.activeTextEditor) return;
      if (textEditor.document.version === version) return watch(textEditor);
      clearTimeout(resting);
      version = textEditor.document.version;
    }),
    server.onStatus(({ state }) => {
      if (state === "starting" || state === "loading") wasReady = false;
      else if (state === "ready" && !wasReady) {
        wasReady = true;
        watch(window.activeTextEditor);
      }
    }),
  );
}
