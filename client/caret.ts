// Tells the server where the caret rests, so that the model prefills the prompt before the user types. Shows nothing.
import { type TextEditor, window } from "vscode";
import { caret } from "../protocol";
import type { GlassboxContext } from "./context";
import { isSource } from "./settings";

/** Milliseconds after which the caret counts as resting, once it was moved; and once something was typed. */
const restTime = { moved: 150, typed: 1000 };

export function activate({ subscriptions, server }: GlassboxContext) {
  let resting: NodeJS.Timeout | undefined;
  let version: number | undefined; // a caret that moves with the text is typing, for which VS Code requests completions

  function watch(editor: TextEditor | undefined, time = restTime.moved) {
    clearTimeout(resting);
    version = editor?.document.version;
    if (editor && isSource(editor.document)) resting = setTimeout(() => notify(editor), time);
  }

  function notify({ document, selection: { active } }: TextEditor) {
    if (document.isClosed || server.status.state !== "ready") return;
    const position = { line: active.line, character: active.character };
    server.notify(caret, { textDocument: { uri: document.uri.toString() }, position });
  }

  let wasReady = false;
  subscriptions.push(
    { dispose: () => clearTimeout(resting) },
    window.onDidChangeActiveTextEditor((editor) => watch(editor)),
    window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor !== window.activeTextEditor) return;
      watch(textEditor, textEditor.document.version === version ? restTime.moved : restTime.typed);
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
