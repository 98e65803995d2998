// The language client over one server process: which documents it hears of, and which settings it is told.
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
import type { InitializationOptions, Settings } from "../protocol";
import { findNode } from "./node";
import { isCompared } from "./off";
import { isSource } from "./settings";

export interface Connection {
  client: LanguageClient;
  /** Resolves, with a word about how, when the process is gone. */
  ended: Promise<string>;
  /** Politely, then not; the promise is that of `ended`. */
  end(): Promise<string>;
}

/** glibc keeps large blocks that were freed, once it has seen some, unless it is told their size. Other systems do not look. */
const givesMemoryBack = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_ARENA_MAX: "2" };

export async function connect(context: ExtensionContext, log: LogOutputChannel): Promise<Connection> {
  await new Promise(setImmediate); // activation need not wait until a process is forked
  const node = await findNode(log);
  const child = fork(context.asAbsolutePath("dist/server.js"), ["--node-ipc"], {
    execPath: node.path,
    execArgv: [],
    env: { ...process.env, ...givesMemoryBack, ELECTRON_RUN_AS_NODE: "1" }, // Electron opens a window otherwise
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
  const trusted = workspace.onDidGrantWorkspaceTrust(() =>
    client.sendNotification(DidChangeConfigurationNotification.type, { settings: null }),
  );
  ended.then(() => trusted.dispose());
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

/** What goes wrong is told once, by the status, and not in a notification for each message that could not be sent. */
class QuietClient extends LanguageClient {
  constructor(
    private readonly child: ChildProcess,
    ...rest: [id: string, name: string, server: ServerOptions, client: LanguageClientOptions]
  ) {
    super(...rest);
  }

  override error(message: string, data?: unknown) {
    if (this.child.connected) super.error(message, data, false); // once it is gone, that is all there is to tell
  }
}

function createClient(child: ChildProcess, context: ExtensionContext, log: LogOutputChannel): LanguageClient {
  const transports = async () => ({ reader: new IPCMessageReader(child), writer: new IPCMessageWriter(child) });
  return new QuietClient(child, "glassbox", "Glassbox", transports, {
    documentSelector: [{ pattern: "**" }, { notebook: "*", language: "*" }],
    initializationOptions: { storage: context.globalStorageUri.fsPath } satisfies InitializationOptions,
    initializationFailedHandler: () => false,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    synchronize: { configurationSection: "glassbox" },
    textSynchronization: { delayOpenNotifications: true },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    middleware: {
      didOpen: async (document, next) => (isSource(document) ? next(document) : undefined),
      didChange: async (change, next) => (isSource(change.document) ? next(change) : undefined),
      didClose: async (document, next) => (isSource(document) ? next(document) : undefined),
      // Who compares two versions reads: there completions come only by hand.
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

/** In a workspace that is not trusted there is the built-in model and no other. */
function restrict(settings: Settings | null) {
  if (settings?.model) settings.model.path = "";
}
