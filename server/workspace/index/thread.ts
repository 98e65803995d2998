// The entry point of the index's thread: an indexer that does what the main thread's proxy (workspaceIndex.ts) asks.
import { parentPort, workerData } from "node:worker_threads";
import { createIndexer } from "./indexer";
import type { FromThread, Started, ToThread } from "./messages";

const { storage } = workerData as Started;
const post = (message: FromThread) => parentPort!.postMessage(message);
const indexer = createIndexer({ storage, log: (log) => post({ log }), onStatus: (status) => post({ status }) });

parentPort!.on("message", async ({ id, method, params }: ToThread) => {
  try {
    const answer = await (indexer[method] as (...params: unknown[]) => unknown)(...params);
    if (id !== undefined) post({ id, answer });
    if (method === "close") parentPort!.close();
  } catch (error) {
    if (id !== undefined) post({ id, failed: (error as Error).message });
    else post({ log: `The workspace index: ${(error as Error).stack}` });
  }
});
