// A model in a worker of its own, as the main thread sees it: edits never wait for it, and its end is not the server's.
import { Worker } from "node:worker_threads";
import { built } from "../../engine";
import type { Completion, CompletionRequest, Reading, Source } from "../completion/types";
import type { Answer, Fault, FromWorker, Loaded, LoadRequest, ToWorker, Work } from "./messages";
import { createQueue } from "./queue";

export interface Model extends Loaded {
  readonly request: LoadRequest;
  /** The newest request wins: it stops the one before. Rejects with an AbortError where stopped. */
  complete(request: CompletionRequest, signal?: AbortSignal): Promise<Completion>;
  /** Reads what a completion at that place would have to read first, when there is nothing else to do. */
  warm(source: Source, budget: number, signal?: AbortSignal): Promise<Reading>;
  /** Resolves, with a sentence, when the worker or its device is gone. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/** A model that cannot be used; the sentence is for the user. */
export class ModelError extends Error {
  override name = "ModelError";
  constructor(
    message: string,
    readonly fault: Fault = "model",
  ) {
    super(message);
  }
}

export interface LoadEvents {
  onProgress?(share: number): void;
  onBusy?(busy: boolean): void;
}

export async function loadModel(request: LoadRequest, { onProgress, onBusy }: LoadEvents = {}): Promise<Model> {
  const worker = new Worker(built("engine.js"), {
    workerData: request,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: 16 }, // by itself V8 lets garbage grow by 50 MB more
  });
  worker.stdout.pipe(process.stderr); // our standard output may be the client's line
  const asked = new Map<number, (answer: Answer) => void>();
  const post = (message: ToWorker) => worker.postMessage(message);

  let lose: (reason: string) => void;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const loaded = await new Promise<Loaded>((resolve, reject) => {
    worker.on("message", (message: FromWorker) => {
      if ("progress" in message) onProgress?.(message.progress);
      else if ("loaded" in message) resolve(message.loaded);
      else if ("refused" in message) reject(new ModelError(message.refused, message.fault));
      else if ("lost" in message) lose(message.lost);
      else asked.get(message.id)?.(message);
    });
    worker.on("error", (error) => lose(`The engine stopped: ${error.message}`));
    worker.on("exit", (code) => lose(`The engine ended with code ${code}`));
    lost.then((reason) => reject(new ModelError(reason, "device")));
  }).catch(async (error) => {
    await worker.terminate();
    throw error;
  });
  lost.then((failed) => {
    for (const [id, answer] of asked) answer({ id, failed });
  });

  let ids = 0;
  /** Settles when the worker has answered, so that the next is never sent before the engine is idle. */
  async function send(work: Work, signal: AbortSignal) {
    const id = ++ids;
    const cancel = () => {
      post({ cancel: id }); // first: the engine, once interrupted, looks whom it was meant for
      Atomics.store(loaded.interrupt, 0, 1);
    };
    signal.addEventListener("abort", cancel, { once: true });
    const answer = await new Promise<Answer>((resolve) => {
      asked.set(id, resolve);
      post({ id, work });
    });
    signal.removeEventListener("abort", cancel);
    asked.delete(id);
    if ("failed" in answer) throw new Error(answer.failed);
    signal.throwIfAborted();
    return answer;
  }

  const queue = createQueue(() => onBusy?.(queue.busy));
  return {
    ...loaded,
    request,
    lost,
    complete: async (request, signal) =>
      (await queue.run("completion", (signal) => send({ complete: request }, signal), signal)).completion!,
    warm: async (source, budget, signal) =>
      (await queue.run("warming", (signal) => send({ warm: { source, budget } }, signal), signal)).reading!,
    async dispose() {
      const left = new Promise((resolve) => worker.once("exit", resolve));
      post({ dispose: true });
      await left;
    },
  };
}
