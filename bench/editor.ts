// An editor that measures the server: it types, requests completions, and follows the status.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import {
  CancellationToken,
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";

interface Status {
  state: string;
  /** The index of the workspace. */
  workspace?: { building: boolean; files: number };
}

interface Piece {
  kind: string;
}

export interface Item {
  insertText: string;
  command: { arguments: [{ id: string }] };
}

const settings = { device: "cpu", threads: 2 };

/** With the folder at a path as workspace, if one is given. */
export async function startEditor(folder?: string) {
  const server = spawn(process.execPath, ["dist/server.js", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const waiting = new Set<() => void>();
  let status: Status = { state: "starting" };
  connection.onNotification("glassbox/status", (next: Status) => {
    status = next;
    for (const wake of waiting) wake();
  });
  connection.onRequest("workspace/configuration", ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === "glassbox" ? settings : null)),
  );
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  const root = folder === undefined ? "file://" : pathToFileURL(folder).href;
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { configuration: true } },
    workspaceFolders: folder === undefined ? [] : [{ uri: root, name: "workspace" }],
    initializationOptions: { trusted: true },
  });
  await connection.sendNotification("initialized", {});

  let [uri, version, text, caret] = ["", 0, "", 0];
  const position = (offset: number) => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  };
  return {
    async until(state: string) {
      while (status.state !== state) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async untilIndexed(files: number) {
      const indexed = () => status.workspace && !status.workspace.building && status.workspace.files >= files;
      while (!indexed()) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    /** A new document, with the caret at an offset. */
    async open(whole: string, offset: number) {
      [uri, version, text, caret] = [`${root}/${Math.random().toString(36).slice(2)}.ts`, 1, whole, offset];
      const textDocument = { uri, languageId: "typescript", version, text };
      await connection.sendNotification("textDocument/didOpen", { textDocument });
    },
    /** Moves the caret, which rests there. */
    async move(offset: number) {
      caret = offset;
      await connection.sendNotification("glassbox/caret", { textDocument: { uri }, position: position(caret) });
    },
    async type(typed: string) {
      const range = { start: position(caret), end: position(caret) };
      text = text.slice(0, caret) + typed + text.slice(caret);
      caret += typed.length;
      const textDocument = { uri, version: ++version };
      await connection.sendNotification("textDocument/didChange", {
        textDocument,
        contentChanges: [{ range, text: typed }],
      });
    },
    complete: (token = CancellationToken.None) =>
      connection.sendRequest<Item[]>(
        "textDocument/inlineCompletion",
        { textDocument: { uri }, position: position(caret), context: { triggerKind: 2 } },
        token,
      ),
    /** Something that the server answers without the engine. */
    ask: () =>
      connection.sendRequest<{ tokens: number; reused: number; pieces: Piece[] } | null>("glassbox/showPrompt", {
        textDocument: { uri },
      }),
    async residentBytes() {
      const status = await readFile(`/proc/${server.pid}/status`, "utf8");
      return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
    },
    async stop() {
      const exited = once(server, "exit");
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      await exited;
    },
  };
}

export type Editor = Awaited<ReturnType<typeof startEditor>>;
