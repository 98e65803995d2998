// An editor without a window: starts the real server as a process and speaks LSP with it over stdio. Tests wait for its
// messages, never for a time.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  CancellationToken,
  createProtocolConnection,
  FileChangeType,
  type InlineCompletionItem,
  InlineCompletionTriggerKind,
  type Position,
  type Range,
  type RegistrationParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { built } from "../../engine";
import * as protocol from "../../protocol";
import { defaults } from "../../server/settings";

export interface ClientOptions {
  env?: NodeJS.ProcessEnv;
  /** The Node that runs the server. By default the one that runs the tests. */
  node?: string;
  /** Options of Node. */
  flags?: string[];
  /** The server's bundle. By default the one in dist/. */
  server?: string;
  settings?: Partial<protocol.Settings>;
  storage?: string;
  workspaceStorage?: string;
  /** It is, else. */
  trusted?: boolean;
  folders?: string[];
  /** The texts of the workspace's files by URI. */
  files?: ReadonlyMap<string, string>;
}

export interface Client {
  process: ChildProcess;
  statuses: protocol.Status[];
  /** The reports of lessons so far. */
  lessons: protocol.Lesson[];
  log: string[];
  /** The methods for which the server has registered capabilities after its initialization. */
  registered: string[];
  settings: protocol.Settings;
  /** Resolves with the last status if it matches, or with the next one that does. */
  until(matches: (status: protocol.Status) => boolean): Promise<protocol.Status>;
  /** Resolves with the last report of any lesson if it is of this one and matches, or with the next one that does. */
  untilLesson(id: string, matches: (lesson: protocol.Lesson) => boolean): Promise<protocol.Lesson>;
  /** Resolves with the last reported place if it is of this lesson and matches, or with the next one that does. */
  untilPlace(id: string, matches: (report: { place: protocol.LessonPlace }) => boolean): Promise<protocol.LessonPlace>;
  configure(settings: Partial<protocol.Settings>): void;
  /** Opens a document. In texts, here and below, the last `|` is the caret. */
  open(uri: string, text: string, languageId?: string): Promise<void>;
  /** Inserts `text` at the caret. The caret moves to the `|` in it, or to its end. */
  type(uri: string, text: string): Promise<void>;
  /** Replaces a range. The caret moves to the end of `text`. */
  edit(uri: string, range: Range, text: string): Promise<void>;
  replace(uri: string, text: string): Promise<void>;
  close(uri: string): Promise<void>;
  /** Opens a notebook of Python cells, and returns their URIs. */
  openNotebook(uri: string, cells: string[]): Promise<string[]>;
  caret(uri: string): Position;
  /** Moves the caret. */
  moveTo(uri: string, position: Position): void;
  text(uri: string): string;
  /** The range of the first occurrence of `text`. */
  find(uri: string, text: string): Range;
  complete(uri: string, options?: CompleteOptions): Promise<InlineCompletionItem[]>;
  request<Params, Result>(method: protocol.Request<Params, Result>, params: Params): Promise<Result>;
  notify<Params>(method: protocol.Notification<Params>, params: Params): Promise<void>;
  /** Tells the server that files or folders changed on the disk. */
  changed(uris: readonly string[]): Promise<void>;
  onProgress(listener: (value: { kind: string; percentage?: number; message?: string }, token: string) => void): void;
  cancelProgress(token: string): Promise<void>;
  stop(): Promise<void>;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
}

interface CompleteOptions {
  /** Whether the user invoked the completion. */
  invoked?: boolean;
  /** The selected item of the suggestion list, and how many characters left of the caret it replaces. */
  selected?: { text: string; replaces: number };
  token?: CancellationToken;
}

interface Open {
  version: number;
  before: string;
  after: string;
  /** The notebook's URI, of a cell. */
  notebook?: string;
}

function caretIn(text: string): [before: string, after: string] {
  const at = text.lastIndexOf("|");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export async function startClient(options: ClientOptions = {}): Promise<Client> {
  const { settings = {}, storage, workspaceStorage, trusted = true, folders = [], files, env, flags = [] } = options;
  const { node = process.execPath, server = built("server.js") } = options;
  const child = spawn(node, [...flags, server, "--stdio"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const documents = new Map<string, Open>();
  const [statuses, lessons] = [createMessages<protocol.Status>(), createMessages<protocol.Lesson>()];
  const places = createMessages<{ id: string; place: protocol.LessonPlace }>();
  const exit = once(child, "exit").then(() => {
    throw new Error(`The server ended:\n${client.log.join("\n")}`);
  });
  exit.catch(() => {});
  const progress = new Set<(value: { kind: string }, token: string) => void>();
  const client = {
    statuses: statuses.all,
    lessons: lessons.all,
    log: [] as string[],
    registered: [] as string[],
    settings: { ...defaults, ...settings },
  };

  child.stderr.on("data", (data) => client.log.push(String(data)));
  connection.onNotification("window/logMessage", ({ message }) => {
    client.log.push(message);
  });
  connection.onNotification(protocol.status, statuses.add);
  connection.onNotification(protocol.lesson, lessons.add);
  connection.onNotification(protocol.lessonPlace, places.add);
  connection.onRequest(protocol.readFile, ({ uri }: protocol.ReadFileParams) => {
    const text = files?.get(uri);
    return text === undefined ? null : Buffer.from(text).toString("base64");
  });
  connection.onNotification("$/progress", ({ token, value }) => {
    for (const listener of progress) listener(value, token);
  });
  connection.onRequest("window/workDoneProgress/create", () => null);
  connection.onRequest("client/registerCapability", ({ registrations }: RegistrationParams) => {
    client.registered.push(...registrations.map(({ method }) => method));
    return null;
  });
  connection.onRequest("workspace/configuration", ({ items }: { items: unknown[] }) =>
    (items as { section?: string }[]).map(({ section }) => (section === "glassbox" ? client.settings : null)),
  );
  connection.listen();

  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: {
        configuration: true,
        workspaceFolders: true,
        didChangeWatchedFiles: { dynamicRegistration: true },
      },
      window: { workDoneProgress: true },
    },
    workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    initializationOptions: { storage, workspaceStorage, trusted },
  });
  await connection.sendNotification("initialized", {});

  const at = (text: string): Position => {
    const lines = text.split("\n");
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  };
  const change = (uri: string, next: Omit<Open, "version">, changes: unknown[]) => {
    const { version: last, notebook } = documents.get(uri)!;
    const version = last + 1;
    documents.set(uri, { ...next, version, notebook });
    const document = { uri, version };
    if (!notebook)
      return connection.sendNotification("textDocument/didChange", { textDocument: document, contentChanges: changes });
    return connection.sendNotification("notebookDocument/didChange", {
      notebookDocument: { uri: notebook, version },
      change: { cells: { textContent: [{ document, changes }] } },
    });
  };

  return Object.assign(client, {
    process: child,
    until: (matches: (status: protocol.Status) => boolean) => Promise.race([statuses.until(matches), exit]),
    untilLesson: (id: string, matches: (lesson: protocol.Lesson) => boolean) =>
      Promise.race([lessons.until((lesson) => lesson.id === id && matches(lesson)), exit]),
    untilPlace: async (id: string, matches: (report: { place: protocol.LessonPlace }) => boolean) =>
      (await Promise.race([places.until((report) => report.id === id && matches(report)), exit])).place,
    configure(settings: Partial<protocol.Settings>) {
      Object.assign(client.settings, settings);
      connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    },
    open(uri: string, text: string, languageId = "typescript") {
      const [before, after] = caretIn(text);
      documents.set(uri, { version: 1, before, after });
      return connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId, version: 1, text: before + after },
      });
    },
    async openNotebook(uri: string, cells: string[]) {
      const uris = cells.map((_, i) => `${uri.replace("file:", "vscode-notebook-cell:")}#${i}`);
      const texts = cells.map((text, i) => {
        const [before, after] = caretIn(text);
        documents.set(uris[i], { version: 1, before, after, notebook: uri });
        return { uri: uris[i], languageId: "python", version: 1, text: before + after };
      });
      await connection.sendNotification("notebookDocument/didOpen", {
        notebookDocument: {
          uri,
          notebookType: "jupyter-notebook",
          version: 1,
          cells: uris.map((document) => ({ kind: 2, document })),
        },
        cellTextDocuments: texts,
      });
      return uris;
    },
    type(uri: string, text: string) {
      const { before, after } = documents.get(uri)!;
      const [left, right] = caretIn(text);
      const range = { start: at(before), end: at(before) };
      return change(uri, { before: before + left, after: right + after }, [{ range, text: left + right }]);
    },
    edit(uri: string, range: Range, text: string) {
      const { before, after } = documents.get(uri)!;
      const whole = TextDocument.create(uri, "", 0, before + after);
      const left = whole.getText({ start: { line: 0, character: 0 }, end: range.start });
      const right = whole.getText().slice(whole.offsetAt(range.end));
      return change(uri, { before: left + text, after: right }, [{ range, text }]);
    },
    replace(uri: string, text: string) {
      const [before, after] = caretIn(text);
      return change(uri, { before, after }, [{ text: before + after }]);
    },
    close(uri: string) {
      documents.delete(uri);
      return connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
    caret: (uri: string) => at(documents.get(uri)!.before),
    moveTo(uri: string, position: Position) {
      const { before, after, ...document } = documents.get(uri)!;
      const whole = before + after;
      const caret = TextDocument.create(uri, "", 0, whole).offsetAt(position);
      documents.set(uri, { ...document, before: whole.slice(0, caret), after: whole.slice(caret) });
    },
    find(uri: string, text: string): Range {
      const { before, after } = documents.get(uri)!;
      const start = (before + after).indexOf(text);
      if (start < 0) throw new Error(`${uri} does not contain "${text}"`);
      const whole = TextDocument.create(uri, "", 0, before + after);
      return { start: whole.positionAt(start), end: whole.positionAt(start + text.length) };
    },
    text: (uri: string) => documents.get(uri)!.before + documents.get(uri)!.after,
    async complete(uri: string, { invoked, selected, token = CancellationToken.None }: CompleteOptions = {}) {
      const triggerKind = invoked ? InlineCompletionTriggerKind.Invoked : InlineCompletionTriggerKind.Automatic;
      const { before } = documents.get(uri)!;
      const start = selected && at(before.slice(0, before.length - selected.replaces));
      const selectedCompletionInfo = selected && { range: { start, end: at(before) }, text: selected.text };
      const params = { textDocument: { uri }, position: at(before), context: { triggerKind, selectedCompletionInfo } };
      return connection.sendRequest<InlineCompletionItem[]>("textDocument/inlineCompletion", params, token);
    },
    request: <Params, Result>(method: protocol.Request<Params, Result>, params: Params) =>
      connection.sendRequest<Result>(method, params),
    notify: <Params>(method: protocol.Notification<Params>, params: Params) =>
      connection.sendNotification(method, params),
    changed: (uris: readonly string[]) =>
      connection.sendNotification("workspace/didChangeWatchedFiles", {
        changes: uris.map((uri) => ({ uri, type: FileChangeType.Changed })),
      }),
    onProgress: (listener: (value: { kind: string }, token: string) => void) => progress.add(listener),
    cancelProgress: (token: string) => connection.sendNotification("window/workDoneProgress/cancel", { token }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      await exited;
      connection.dispose();
    },
    async kill() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      connection.dispose();
    },
  }) as unknown as Client;
}

/** The messages of one kind that have arrived, and the callers that wait for one. */
function createMessages<T>() {
  const all: T[] = [];
  const waiting = new Set<(message: T) => void>();
  return {
    all,
    add(message: T) {
      all.push(message);
      for (const listener of waiting) listener(message);
    },
    until(matches: (message: T) => boolean): Promise<T> {
      const last = all.at(-1);
      if (last !== undefined && matches(last)) return Promise.resolve(last);
      return new Promise((resolve) => {
        const listener = (message: T) => {
          if (!matches(message)) return;
          waiting.delete(listener);
          resolve(message);
        };
        waiting.add(listener);
      });
    },
  };
}
