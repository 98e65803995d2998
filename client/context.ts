// What every feature gets when it is activated: what belongs to the extension, and what the features share.
import { type Disposable, type ExtensionContext, type LogOutputChannel, type Uri, window } from "vscode";
import { followLessons, type Lessons } from "./lessons";
import { followOff, type OffHere } from "./off";
import { type Server, startServer } from "./server";

export interface GlassboxContext {
  /** Where the extension lies. */
  readonly extensionUri: Uri;
  /** Disposed of when the extension is deactivated. */
  readonly subscriptions: Disposable[];
  readonly log: LogOutputChannel;
  readonly server: Server;
  readonly lessons: Lessons;
  readonly off: OffHere;
}

export function createContext(extension: ExtensionContext): GlassboxContext {
  const { extensionUri, subscriptions } = extension;
  const log = window.createOutputChannel("Glassbox", { log: true });
  subscriptions.push(log);
  const server = startServer(extension, log);
  const lessons = followLessons(extension, server);
  return { extensionUri, subscriptions, log, server, lessons, off: followOff(subscriptions, server) };
}
