// Tells the workspace index what happens: folders come and go, settings change, documents are typed in, files change on the
// disk.
import { isDeepStrictEqual } from "node:util";
import { DidChangeWatchedFilesNotification, type InitializeParams } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { InitializationOptions } from "../../../protocol";
import type { Context } from "../../context";
import { causeOf } from "../../problem";
import { maxBytes } from "../choose";
import type { Excludes } from "../ignored";
import { sentences } from "../reasons";
import type { IndexStatus, WorkspaceState } from "./types";
import { startWorkspaceIndex } from "./workspaceIndex";

export interface Followed {
  /** The workspace's folders, their settings or its trust may have changed. */
  configure(): Promise<void>;
  trust(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds from an edit until the index hears of it, and of those that follow meanwhile. */
const editPause = 250;

export function followWorkspace(context: Context, { capabilities, initializationOptions }: InitializeParams): Followed {
  const { connection, documents, status } = context;
  const options: Partial<InitializationOptions> = initializationOptions ?? {};
  let trusted = options.trusted === true;
  const edited = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let configured = 0;
  let last: WorkspaceState | undefined;

  documents.texts.onDidChangeContent(({ document: { uri } }) => {
    edited.add(uri);
    timer ??= setTimeout(tellEdits, editPause);
  });
  documents.texts.onDidClose(({ document: { uri } }) => {
    edited.delete(uri);
    context.index?.closed(uri);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => context.index?.changed(changes.map(({ uri }) => uri)));
  if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration)
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: "**/*" }] });

  function tellEdits() {
    timer = undefined;
    if (startIfNeeded()) configure().catch((error) => connection.console.error(causeOf(error)));
    for (const uri of edited) {
      const document = documents.get(uri);
      if (document) tell(document);
    }
    edited.clear();
  }

  function tell(document: TextDocument) {
    const { uri, languageId } = document;
    if (!isSource(uri)) return;
    // Of a longer text the index needs to know no more than that it is too long.
    context.index?.open({ uri, languageId, text: document.getText().slice(0, maxBytes + 1) });
  }

  /** Files; what is not saved yet; in a workspace that is not on a disk, its documents. Not what else an editor shows. */
  const isSource = (uri: string) =>
    /^(file|untitled):/.test(uri) || context.folders.some((folder) => uri.startsWith(`${folder}/`));

  /** A document that is alone finds nothing, so it costs no thread. Returns whether the index was started now. */
  function startIfNeeded(): boolean {
    if (context.index || (!folders().length && documents.texts.keys().length < 2)) return false;
    context.index = startWorkspaceIndex({
      storage: options.workspaceStorage,
      log: (line) => connection.console.error(line),
      onStatus(found) {
        status.set({ workspace: told(found) });
        if (!found.building) connection.console.info(describe(found));
      },
    });
    for (const document of documents.texts.all()) tell(document);
    return true;
  }

  /** Those on a disk. */
  const folders = () => context.folders.filter((uri) => uri.startsWith("file:"));

  async function configure() {
    startIfNeeded();
    const asked = ++configured;
    const found = await Promise.all(folders().map(async (uri) => ({ uri, excludes: await excludesOf(uri) })));
    const next = { trusted, folders: found };
    if (asked !== configured || isDeepStrictEqual(next, last)) return;
    last = next;
    context.index?.configure(next);
  }

  async function excludesOf(scopeUri: string): Promise<Excludes[]> {
    if (!capabilities.workspace?.configuration) return [];
    const sections = ["files.exclude", "search.exclude"];
    const answers = await connection.workspace.getConfiguration(sections.map((section) => ({ scopeUri, section })));
    return answers.map((answer: Excludes | null) => answer ?? {});
  }

  return {
    configure,
    async trust() {
      trusted = true;
      await configure();
    },
    async close() {
      clearTimeout(timer);
      await context.index?.close();
    },
  };
}

const told = ({ leftOut, ...rest }: IndexStatus) => ({
  ...rest,
  leftOut: Object.entries(leftOut).map(([reason, count]) => ({
    count,
    reason: sentences[reason as keyof typeof sentences],
  })),
});

function describe({ files, lines, bytes, leftOut }: IndexStatus): string {
  const reasons = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  const size = `${files} files, ${lines} lines, ${(bytes / 1e6).toFixed(1)} MB`;
  return `The workspace index holds ${size}. Left out: ${reasons.join(", ") || "nothing"}.`;
}
