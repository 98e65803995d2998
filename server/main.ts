// The language server's entry point: creates the context and registers a handler for each message. It speaks LSP over stdio
// (--stdio) or Node's IPC (--node-ipc).
import {
  type CancellationToken,
  createConnection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import * as protocol from "../protocol";
import { adaptersInUse, workspaceOf } from "./adapters/inUse";
import { createCache } from "./completion/cache";
import { createDebounce } from "./completion/debounce";
import { editorDefinitions } from "./completion/pieces/definitions";
import { createEdits } from "./completion/pieces/edits";
import { createPieces } from "./completion/pieces/keep";
import type { Context } from "./context";
import { listenToDocuments } from "./documents";
import { createHost } from "./engine/host";
import { accepted } from "./handlers/accepted";
import { adapters } from "./handlers/adapters";
import { caret, warm } from "./handlers/caret";
import { changeAdapter } from "./handlers/changeAdapter";
import { controlLesson } from "./handlers/controlLesson";
import { didOpen } from "./handlers/didOpen";
import { downloadModel } from "./handlers/downloadModel";
import { exportLesson } from "./handlers/exportLesson";
import { inlineCompletion } from "./handlers/inlineCompletion";
import { models } from "./handlers/models";
import { planLesson } from "./handlers/planLesson";
import { repository } from "./handlers/repository";
import { selectModel } from "./handlers/selectModel";
import { showPrompt } from "./handlers/showPrompt";
import { snooze } from "./handlers/snooze";
import { createLessons } from "./lesson/lessons";
import { causeOf, sentenceOf } from "./problem";
import { readSettings } from "./settings";
import { reportStatus } from "./status";
import { type Followed, followWorkspace } from "./workspace/index/follow";

const connection = createConnection();
let client: InitializeParams | undefined;
let followed: Followed | undefined;

const status = reportStatus((status) => connection.sendNotification(protocol.status, status));
const storage = (): string | undefined => client?.initializationOptions?.storage;
const workspace = () => workspaceOf(context.folders);
const host = createHost({
  status,
  storage,
  log: (line) => connection.console.info(line),
  adapters: async (base) => {
    const folder = storage();
    return folder ? adaptersInUse(folder, workspace(), base) : [];
  },
  onLoad() {
    context.speed = {};
    modelChanged();
    context.lessons.modelLoaded();
  },
  onAdapt: modelChanged,
});
const edits = createEdits();
const definitions = editorDefinitions(connection);
const context: Context = {
  connection,
  documents: listenToDocuments(connection),
  settings: readSettings(connection, () => client?.capabilities.workspace?.configuration === true),
  status,
  host,
  lessons: createLessons({
    host,
    storage,
    workspace,
    send: (lesson) => connection.sendNotification(protocol.lesson, lesson),
    log: (line) => connection.console.error(line),
    sendPlace: (id, place) => connection.sendNotification(protocol.lessonPlace, { id, place }),
  }),
  cache: createCache(),
  debounce: createDebounce(),
  pieces: createPieces(() => context.index && { index: context.index, edits, definitions }),
  prompts: new Map(),
  speed: {},
  folders: [],
  get storage() {
    return storage();
  },
};

/** Cached completions are stale, and the model's KV cache is empty. */
function modelChanged() {
  context.cache.clear();
  if (context.caret) logErrors(warm(context, context.caret));
}

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
  followed = followWorkspace(context, client!);
  if (client?.capabilities.workspace?.workspaceFolders)
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const closed = new Set(removed.map(({ uri }) => uri));
      context.folders = [...context.folders.filter((uri) => !closed.has(uri)), ...added.map(({ uri }) => uri)];
      logErrors(context.host.adapt());
      logErrors(followed!.configure());
    });
  await applySettings();
});
connection.onDidChangeConfiguration(applySettings);
connection.onShutdown(async () => {
  await followed?.close();
  await context.lessons.close();
  await context.host.dispose();
});

async function applySettings() {
  context.settings.invalidate();
  context.cache.clear(); // other settings may lead to longer or shorter completions
  context.pieces.clear();
  if (followed) logErrors(followed.configure());
  await context.host.applySettings(await context.settings());
}

/** For work that nothing awaits. */
const logErrors = (work: Promise<unknown>) => work.catch((error) => connection.console.error(causeOf(error)));

const { texts } = context.documents;
texts.onDidOpen(({ document }) => logErrors(didOpen(context, document)));
texts.onDidChangeContent(({ document }) => edits.changed(document.uri, document.getText()));
texts.onDidClose(({ document: { uri } }) => {
  context.prompts.delete(uri);
  edits.closed(uri);
});

connection.languages.inlineCompletion.on((params, token) => inlineCompletion(context, params, token));
on(protocol.showPrompt, showPrompt);
on(protocol.models, models);
on(protocol.selectModel, selectModel);
on(protocol.repository, repository);
on(protocol.downloadModel, downloadModel);
on(protocol.planLesson, planLesson);
on(protocol.controlLesson, controlLesson);
on(protocol.exportLesson, exportLesson);
on(protocol.adapters, adapters);
on(protocol.changeAdapter, changeAdapter);
connection.onNotification(protocol.accepted, (params: protocol.AcceptedParams) => accepted(context, params));
connection.onNotification(protocol.caret, (params: protocol.CaretParams) => caret(context, params));
connection.onNotification(protocol.trusted, () => {
  if (followed) logErrors(followed.trust());
});
connection.onNotification(protocol.snooze, (params: protocol.SnoozeParams) => snooze(context, params));

function on<Params, Result>(
  method: protocol.Request<Params, Result>,
  handler: (context: Context, params: Params, token: CancellationToken) => Result | Promise<Result>,
) {
  connection.onRequest(method, async (params: Params, token): Promise<unknown> => {
    try {
      return await handler(context, params, token);
    } catch (error) {
      throw new ResponseError(ErrorCodes.InternalError, sentenceOf(error), causeOf(error));
    }
  });
}

connection.listen();
