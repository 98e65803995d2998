// The context that every feature is activated with: the extension's own objects and the state that features share.
import { type Disposable, type ExtensionContext, type LogOutputChannel, type Uri, window } from "vscode";
import { followLessons, type Lessons } from "./lessons";
import { followOff, type OffHere } from "./off";
import { type Server, startServer } from "./server";

export interface GlassboxContext {
  /** The extension's folder. */
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
