// The extension's entry: starts the language server without waiting for it, and wires the features, one file each.
import { commands, type Event, type ExtensionContext, window } from "vscode";
import { type AcceptedParams, accepted, acceptedCommand, type Status } from "../protocol";
import * as caret from "./caret";
import * as languageStatus from "./languageStatus";
import * as menu from "./menu";
import * as problems from "./problems";
import * as selectModel from "./selectModel";
import { startServer } from "./server";
import * as showPrompt from "./showPrompt";
import * as snooze from "./snooze";
import * as statusBar from "./statusBar";
import * as toggle from "./toggle";

/** What other extensions may use, and the tests do. */
export interface Glassbox {
  readonly status: Status;
  readonly onStatus: Event<Status>;
}

export function activate(context: ExtensionContext): Glassbox {
  const log = window.createOutputChannel("Glassbox", { log: true });
  const server = startServer(context, log);
  for (const feature of [statusBar, languageStatus, problems, menu, toggle, snooze, selectModel, showPrompt, caret])
    feature.activate(context, server);

  context.subscriptions.push(
    log,
    commands.registerCommand("glassbox.triggerCompletion", () =>
      commands.executeCommand("editor.action.inlineSuggest.trigger"),
    ),
    commands.registerCommand("glassbox.showLog", () => log.show()),
    commands.registerCommand("glassbox.restart", () => server.restart()),
    commands.registerCommand(acceptedCommand, (params: AcceptedParams) => server.notify(accepted, params)),
  );
  return server;
}
