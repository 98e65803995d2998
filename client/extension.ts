// The extension's entry point: starts the language server without waiting for it, and activates the features, one file each.
import { commands, type Event, type ExtensionContext } from "vscode";
import { type AcceptedParams, accepted, acceptedCommand, type Status } from "../protocol";
import * as adapters from "./adapters";
import * as battery from "./battery";
import * as caret from "./caret";
import { createContext } from "./context";
import * as definitions from "./definitions";
import * as languageStatus from "./languageStatus";
import * as lessonPanel from "./lessonPanel";
import * as menu from "./menu";
import * as problems from "./problems";
import * as sample from "./sample";
import * as selectModel from "./selectModel";
import { openSettings } from "./settings";
import * as showPrompt from "./showPrompt";
import * as snooze from "./snooze";
import * as statusBar from "./statusBar";
import * as teach from "./teach";
import * as toggle from "./toggle";
import * as trigger from "./trigger";

const features = [
  statusBar,
  languageStatus,
  problems,
  menu,
  toggle,
  trigger,
  sample,
  snooze,
  selectModel,
  showPrompt,
  caret,
  definitions,
  teach,
  lessonPanel,
  adapters,
  battery,
];

/** The API for other extensions and for tests. */
export interface Glassbox {
  readonly status: Status;
  readonly onStatus: Event<Status>;
}

export function activate(extension: ExtensionContext): Glassbox {
  const context = createContext(extension);
  for (const feature of features) feature.activate(context);

  const { subscriptions, log, server } = context;
  subscriptions.push(
    commands.registerCommand("glassbox.showLog", () => log.show()),
    commands.registerCommand("glassbox.openSettings", openSettings),
    commands.registerCommand("glassbox.restart", () => server.restart()),
    commands.registerCommand(acceptedCommand, (params: AcceptedParams) => server.notify(accepted, params)),
  );
  return server;
}
