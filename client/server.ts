// The language server as the client sees it: a process that is started, watched and restarted, what it says of itself,
// and the messages that go to it.
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import {
  type CancellationToken,
  type Event,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  workspace,
} from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  DidChangeConfigurationNotification,
  ErrorAction,
  IPCMessageReader,
  IPCMessageWriter,
  LanguageClient,
  type MessageTransports,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import {
  type InitializationOptions,
  type Notification,
  type Request,
  type Settings,
  type Status,
  status as statusNotification,
} from "../protocol";
import { findNode } from "./node";
import { isSource } from "./settings";

export interface Server {
  readonly status: Status;
  readonly onStatus: Event<Status>;
  request<Params, Result>(method: Request<Params, Result>, params: Params, token?: CancellationToken): Promise<Result>;
  notify<Params>(method: Notification<Params>, params: Params): Promise<void>;
  restart(): Promise<void>;
}

/** More crashes than `most` within `span` milliseconds, and the user decides whether to go on. */
const patience = { most: 4, span: 3 * 60_000 };

export function startServer(context: ExtensionContext, log: LogOutputChannel): Server {
  const changed = new EventEmitter<Status>();
  let status: Status = { state: "starting" };
  let crashes: number[] = [];
  let child: ChildProcess | undefined;

  const announce = (next: Status) => {
    status = next;
    changed.fire(next);
  };

  async function launch(): Promise<MessageTransports> {
    const node = await findNode(log);
    child = fork(context.asAbsolutePath("dist/server.js"), ["--node-ipc"], {
      execPath: node.path,
      execArgv: [],
      silent: true,
    });
    log.info(`Server: process ${child.pid}, Node ${node.path} (${node.origin})`);
    child.on("exit", (code, signal) => log.info(`Server: ended with ${signal ?? code}`));
    createInterface({ input: child.stdout! }).on("line", (line) => log.info(line));
    createInterface({ input: child.stderr! }).on("line", (line) => log.warn(line));
    return { reader: new IPCMessageReader(child), writer: new IPCMessageWriter(child) };
  }

  function closed(): CloseHandlerResult {
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < patience.span), now];
    if (crashes.length <= patience.most) {
      announce({ state: "starting" });
      return { action: CloseAction.Restart, handled: true };
    }
    announce({
      state: "error",
      problem: {
        message: `The completion server stopped ${crashes.length} times within three minutes. Restart it, or look into the log for the cause.`,
        action: "restart",
      },
    });
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  const client = new LanguageClient("glassbox", "Glassbox", launch, {
    documentSelector: [{ pattern: "**" }, { notebook: "*", language: "*" }],
    initializationOptions: { storage: context.globalStorageUri.fsPath } satisfies InitializationOptions,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    synchronize: { configurationSection: "glassbox" },
    textSynchronization: { delayOpenNotifications: true },
    errorHandler: { error: () => ({ action: ErrorAction.Continue, handled: true }), closed },
    middleware: {
      didOpen: async (document, next) => (isSource(document) ? next(document) : undefined),
      didChange: async (change, next) => (isSource(change.document) ? next(change) : undefined),
      didClose: async (document, next) => (isSource(document) ? next(document) : undefined),
      workspace: {
        async configuration(params, token, next) {
          const answers = await next(params, token);
          if (Array.isArray(answers) && !workspace.isTrusted) answers.forEach(restrict);
          return answers;
        },
      },
    },
  });

  client.onNotification(statusNotification, announce);
  context.subscriptions.push(
    changed,
    client,
    { dispose: () => child?.kill() },
    workspace.onDidGrantWorkspaceTrust(() =>
      client.sendNotification(DidChangeConfigurationNotification.type, { settings: null }),
    ),
  );
  setImmediate(() => client.start().catch((error) => log.error(error))); // forking a process takes its time

  return {
    get status() {
      return status;
    },
    onStatus: changed.event,
    request: (method, params, token) => client.sendRequest(method, params, token),
    notify: (method, params) => client.sendNotification(method, params),
    async restart() {
      crashes = [];
      announce({ state: "starting" });
      await client.restart();
    },
  };
}

/** In a workspace that is not trusted there is the built-in model and no other. */
function restrict(settings: Settings | null) {
  if (settings?.model) settings.model.path = "";
}
