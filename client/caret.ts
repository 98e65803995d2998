// Tells the server where the caret rests, so that the model prefills the prompt before the user types. Shows nothing.
import { type TextEditor, window } from "vscode";
import { caret } from "../protocol";
import type { GlassboxContext } from "./context";
import { isSource } from "./settings";

/** Milliseconds without a move after which the caret counts as resting. */
const restTime = 150;

export function activate({ subscriptions, server }: GlassboxContext) {
  let resting: NodeJS.Timeout | undefined;
  let version: number | undefined; // a caret that moves with the text is typing, for which VS Code requests completions

  function watch(editor: TextEditor | undefined) {
    clearTimeout(resting);
    version = editor?.document.version;
    if (editor && isSource(editor.document)) resting = setTimeout(() => notify(editor), restTime);
  }

  function notify({ document, selection: { active } }: TextEditor) {
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
