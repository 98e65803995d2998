// The extension's entry: starts the language server without waiting for it, and wires the features, one file each.
import { commands, type Event, type ExtensionContext, window } from "vscode";
import { type AcceptedParams, accepted, acceptedCommand, type Status } from "../protocol";
import * as adapters from "./adapters";
import * as battery from "./battery";
import * as caret from "./caret";
import * as languageStatus from "./languageStatus";
import * as lessonPanel from "./lessonPanel";
import { followLessons } from "./lessons";
import * as menu from "./menu";
import * as problems from "./problems";
import * as selectModel from "./selectModel";
import { startServer } from "./server";
import * as showPrompt from "./showPrompt";
import * as snooze from "./snooze";
import * as statusBar from "./statusBar";
import * as teach from "./teach";
import * as toggle from "./toggle";

const features = [
  statusBar,
  languageStatus,
  problems,
  menu,
  toggle,
  snooze,
  selectModel,
  showPrompt,
  caret,
  teach,
  lessonPanel,
  adapters,
  battery,
];

/** What other extensions may use, and the tests do. */
export interface Glassbox {
  readonly status: Status;
  readonly onStatus: Event<Status>;
}

export function activate(context: ExtensionContext): Glassbox {
  const log = window.createOutputChannel("Glassbox", { log: true });
  const server = startServer(context, log);
  const lessons = followLessons(context, server);
  for (const feature of features) feature.activate(context, server, lessons);

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
