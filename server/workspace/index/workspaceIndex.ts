// The workspace index as the server sees it. The work is done in a thread of its own, so that neither edits nor the model
// wait for it.
import { Worker } from "node:worker_threads";
import { built } from "../../../engine";
import type { FromThread, Started, ToThread } from "./messages";
import type { IndexStatus, WorkspaceIndex } from "./types";

export interface IndexOptions extends Started {
  log(line: string): void;
  onStatus(status: IndexStatus): void;
}

/** Where a search fails, or the thread has ended by itself, nothing is found, and the log says why: completions go on. */
export function startWorkspaceIndex({ storage, log, onStatus }: IndexOptions): WorkspaceIndex {
  const worker = new Worker(built("index.js"), {
    workerData: { storage } satisfies Started,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: 16 }, // V8's default lets garbage take 50 MB more
  });
  worker.stdout.pipe(process.stderr); // with --stdio, standard output carries LSP messages
  const pending = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let ids = 0;
  let lost: Error | undefined;

  worker.on("message", (message: FromThread) => {
    if ("log" in message) return log(message.log);
    if ("status" in message) return onStatus(message.status);
    const { resolve, reject } = pending.get(message.id)!;
    pending.delete(message.id);
    if ("failed" in message) reject(new Error(message.failed));
    else resolve(message.answer);
  });
  worker.on("error", (error) => log(`The workspace index stopped: ${error.stack}`));
  worker.on("exit", () => {
    lost = new Error("The workspace index has ended.");
    for (const { reject } of pending.values()) reject(lost);
    pending.clear();
  });

  const tell = (method: keyof WorkspaceIndex, ...params: unknown[]) =>
    worker.postMessage({ method, params } satisfies ToThread);
  const find = <T>(none: T, method: keyof WorkspaceIndex, ...params: unknown[]): Promise<T> =>
    ask<T>(method, ...params).catch((error) => {
      if (error !== lost) log(`The workspace index failed: ${error.message}`);
      return none;
    });
  const ask = <T>(method: keyof WorkspaceIndex, ...params: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      if (lost) return reject(lost);
      const id = ++ids;
      pending.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      worker.postMessage({ id, method, params } satisfies ToThread);
    });

  return {
    configure: (state) => tell("configure", state),
    open: (document) => tell("open", document),
    closed: (uri) => tell("closed", uri),
    changed: (uris) => tell("changed", uris),
    search: (query, limit) => find([], "search", query, limit),
    declarations: (names, except) => find([], "declarations", names, except),
    passage: (uri, range) => find(undefined, "passage", uri, range),
    status: () => ask("status"),
    settled: () => ask("settled"),
    async close() {
      if (lost) return;
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      tell("close");
      await exited;
    },
  };
}
