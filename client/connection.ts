// Starts a server process and the language client that talks to it, with the filters for documents and settings.
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { type ExtensionContext, InlineCompletionTriggerKind, type LogOutputChannel, workspace } from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  IPCMessageReader,
  IPCMessageWriter,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
} from "vscode-languageclient/node";
import { type InitializationOptions, type Settings, trusted } from "../protocol";
import { mallocSettings } from "./mallocSettings";
import { findNode } from "./node";
import { isCompared } from "./off";
import { isSource } from "./settings";

export interface Connection {
  client: LanguageClient;
  /** Resolves with the exit code or signal when the process has ended. */
  ended: Promise<string>;
  /** Shuts the server down, then kills its process. Resolves like `ended`. */
  end(): Promise<string>;
}

export async function connect(context: ExtensionContext, log: LogOutputChannel): Promise<Connection> {
  await new Promise(setImmediate); // activation need not wait until a process is forked
  const node = await findNode(log);
  const child = fork(context.asAbsolutePath("dist/server.js"), ["--node-ipc"], {
    execPath: node.path,
    execArgv: [],
    env: { ...process.env, ...mallocSettings, ELECTRON_RUN_AS_NODE: "1" }, // without it Electron opens a window
    silent: true,
  });
  log.info(`Server: process ${child.pid}, Node ${node.path} (${node.origin})`);
  createInterface({ input: child.stdout! }).on("line", (line) => log.info(line));
  createInterface({ input: child.stderr! }).on("line", (line) => log.warn(line));
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
    child.once("error", (error) => resolve(error.message));
  });

  const client = createClient(child, context, log);
  const granted = workspace.onDidGrantWorkspaceTrust(() => {
    client.sendNotification(trusted, null);
    client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  });
  ended.then(() => granted.dispose());
  return {
    client,
    ended,
    async end() {
      if (client.isRunning()) await client.stop().catch((error) => log.warn(error));
      child.kill("SIGKILL");
      return ended;
    },
  };
}

/** Does not show a notification for each message that cannot be sent: failures are shown once, by the status. */
class QuietClient extends LanguageClient {
  constructor(
    private readonly child: ChildProcess,
    ...rest: [id: string, name: string, server: ServerOptions, client: LanguageClientOptions]
  ) {
    super(...rest);
  }

  override error(message: string, data?: unknown) {
    if (this.child.connected) super.error(message, data, false); // errors after the process has ended say nothing new
  }
}

function createClient(child: ChildProcess, context: ExtensionContext, log: LogOutputChannel): LanguageClient {
  const transports = async () => ({ reader: new IPCMessageReader(child), writer: new IPCMessageWriter(child) });
  return new QuietClient(child, "glassbox", "Glassbox", transports, {
    documentSelector: [{ pattern: "**" }, { notebook: "*", language: "*" }],
    initializationOptions: {
      storage: context.globalStorageUri.fsPath,
      workspaceStorage: context.storageUri?.fsPath,
      trusted: workspace.isTrusted,
    } satisfies InitializationOptions,
    initializationFailedHandler: () => false,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    synchronize: { configurationSection: ["glassbox", "files.exclude", "search.exclude"] },
    textSynchronization: { delayOpenNotifications: true },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    middleware: {
      didOpen: async (document, next) => (isSource(document) ? next(document) : undefined),
      didChange: async (change, next) => (isSource(change.document) ? next(change) : undefined),
      didClose: async (document, next) => (isSource(document) ? next(document) : undefined),
      // In a diff editor users read; completions come there only when invoked.
      provideInlineCompletionItems: (document, position, context, token, next) =>
        context.triggerKind === InlineCompletionTriggerKind.Automatic && isCompared(document)
          ? []
          : next(document, position, context, token),
      workspace: {
        async configuration(params, token, next) {
          const answers = await next(params, token);
          if (Array.isArray(answers) && !workspace.isTrusted) answers.forEach(restrict);
          return answers;
        },
      },
    },
  });
}

/** An untrusted workspace uses the built-in model. */
function restrict(settings: Settings | null) {
  if (settings?.model) settings.model.path = "";
}
