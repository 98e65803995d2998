// "Trigger Completion" requests a completion now, or says why there can be none. A completion that was missed while the server
// was starting is requested when it is ready.
import { commands, type TextDocument, window, workspace } from "vscode";
import type { GlassboxContext } from "./context";
import { summary } from "./words";

const ask = () => commands.executeCommand("editor.action.inlineSuggest.trigger");

export function activate({ subscriptions, server, off }: GlassboxContext) {
  async function trigger() {
    const here = off.current;
    if (here && !here.byHand) {
      const { label } = here.switch ?? {};
      const pressed = await window.showInformationMessage(here.why, ...(label ? [label] : []));
      if (pressed) await here.switch?.run();
    } else if (!window.activeTextEditor)
      window.showInformationMessage("Open a file first: a completion goes into one.");
    else if (!isThere()) window.showInformationMessage(`There is no completion yet: ${summary(server.status)}`);
    else await ask();
  }

  const isThere = () => ["ready", "busy", "snoozed"].includes(server.status.state);

  let missed: TextDocument | undefined; // typed in while the server was away
  subscriptions.push(
    commands.registerCommand("glassbox.triggerCompletion", trigger),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length && !isThere() && document === window.activeTextEditor?.document) missed = document;
    }),
    server.onStatus(({ state }) => {
      if (!missed || state !== "ready") return;
      if (missed === window.activeTextEditor?.document && !off.current) ask();
      missed = undefined;
    }),
  );
}
