// The language server: documents and settings in, completions out. Speaks LSP over stdio (--stdio) or Node's IPC (--node-ipc).
import {
  type CancellationToken,
  createConnection,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import * as protocol from "../protocol";
import { createCache } from "./completion/cache";
import { createPace } from "./completion/pace";
import type { Context } from "./context";
import { listenToDocuments } from "./documents";
import { createHost } from "./engine/host";
import { accepted } from "./handlers/accepted";
import { caret, warm } from "./handlers/caret";
import { downloadModel } from "./handlers/downloadModel";
import { inlineCompletion } from "./handlers/inlineCompletion";
import { models } from "./handlers/models";
import { opened } from "./handlers/opened";
import { repository } from "./handlers/repository";
import { selectModel } from "./handlers/selectModel";
import { showPrompt } from "./handlers/showPrompt";
import { snooze } from "./handlers/snooze";
import { readSettings } from "./settings";
import { reportStatus } from "./status";

const connection = createConnection();
let client: InitializeParams | undefined;

const status = reportStatus((status) => connection.sendNotification(protocol.status, status));
const storage = (): string | undefined => client?.initializationOptions?.storage;
const context: Context = {
  connection,
  documents: listenToDocuments(connection),
  settings: readSettings(connection, () => client?.capabilities.workspace?.configuration === true),
  status,
  host: createHost({
    status,
    storage,
    log: (line) => connection.console.info(line),
    onLoad() {
      context.speed = {};
      context.cache.clear();
      if (context.caret) logged(warm(context, context.caret));
    },
  }),
  cache: createCache(),
  pace: createPace(),
  prompts: new Map(),
  speed: {},
  folders: [],
  get storage() {
    return storage();
  },
};

connection.onInitialize((params): InitializeResult => {
  client = params;
  context.folders = (params.workspaceFolders ?? []).map(({ uri }) => uri);
  return {
    serverInfo: { name: "Glassbox" },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      notebookDocumentSync: { notebookSelector: [{ notebook: "*", cells: [{ language: "*" }] }] },
      inlineCompletionProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
});
connection.onInitialized(async () => {
  if (client?.capabilities.workspace?.workspaceFolders)
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => uri));
      context.folders = [...context.folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)];
    });
  await followSettings();
});
connection.onDidChangeConfiguration(followSettings);
connection.onShutdown(() => context.host.dispose());

async function followSettings() {
  context.settings.forget();
  await context.host.follow(await context.settings());
}

/** Nobody waits for it. */
const logged = (work: Promise<void>) => work.catch((error) => connection.console.error(String(error)));

const { texts } = context.documents;
texts.onDidOpen(({ document }) => logged(opened(context, document)));
texts.onDidClose(({ document: { uri } }) => context.prompts.delete(uri));

connection.languages.inlineCompletion.on((params, token) => inlineCompletion(context, params, token));
on(protocol.showPrompt, showPrompt);
on(protocol.models, models);
on(protocol.selectModel, selectModel);
on(protocol.repository, repository);
on(protocol.downloadModel, downloadModel);
connection.onNotification(protocol.accepted, (params: protocol.AcceptedParams) => accepted(context, params));
connection.onNotification(protocol.caret, (params: protocol.CaretParams) => caret(context, params));
connection.onNotification(protocol.snooze, (params: protocol.SnoozeParams) => snooze(context, params));

function on<Params, Result>(
  method: protocol.Request<Params, Result>,
  handler: (context: Context, params: Params, token: CancellationToken) => Result | Promise<Result>,
) {
  connection.onRequest(method, async (params: Params, token): Promise<unknown> => handler(context, params, token));
}

connection.listen();
