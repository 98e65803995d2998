// A model in a worker of its own, as the main thread sees it: edits never wait for it, and its end is not the server's.
import { Worker } from "node:worker_threads";
import { built } from "../../engine";
import type { CaretText, Completion, CompletionRequest, Reading } from "../completion/types";
import { collect } from "./collect";
import type {
  AdapterInUse,
  Answer,
  Fault,
  FromWorker,
  LessonNews,
  Loaded,
  LoadRequest,
  Task,
  ToWorker,
  Work,
} from "./messages";
import { createQueue } from "./queue";

export interface EngineProxy extends Omit<Loaded, "interrupt"> {
  readonly request: LoadRequest;
  /** The newest request wins: it stops the one before. Rejects with an AbortError where stopped. */
  complete(request: CompletionRequest, signal?: AbortSignal): Promise<Completion>;
  /** Reads what a completion at that place would have to read first, when there is nothing else to do. */
  warm(source: CaretText, budget: number, signal?: AbortSignal): Promise<Reading>;
  /** The completions that follow use these adapters. Rejects where one cannot be used; those before then stay. */
  adapt(adapters: AdapterInUse[]): Promise<void>;
  /** Does what takes long, in the time that completions and warming leave. Rejects with the signal's reason where aborted. */
  do<K extends keyof Task>(
    kind: K,
    request: Task[K]["request"],
    signal: AbortSignal,
    onNews?: (news: LessonNews) => void,
  ): Promise<Task[K]["answer"]>;
  /** Whether what takes long is held up. */
  hold(on: boolean): void;
  /** The lesson takes no further step: it is measured, and over. */
  stopLesson(): void;
  /** Resolves when no completion runs that was asked for before. */
  idle(): Promise<void>;
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
    cause?: string,
  ) {
    super(message, { cause });
  }
}

type Requests = Work & Task;

export interface LoadEvents {
  onProgress?(share: number): void;
  onBusy?(busy: boolean): void;
}

export async function startEngine(request: LoadRequest, { onProgress, onBusy }: LoadEvents = {}): Promise<EngineProxy> {
  const worker = new Worker(built("engine.js"), {
    workerData: request,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: 16 }, // by itself V8 lets garbage grow by 50 MB more
  });
  worker.stdout.pipe(process.stderr); // our standard output may be the client's line
  const asked = new Map<number, (answer: Answer) => void>();
  const listening = new Map<number, (news: LessonNews) => void>();
  const post = (message: ToWorker) => worker.postMessage(message);

  let lose: (reason: string) => void;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const loaded = await new Promise<Loaded>((resolve, reject) => {
    worker.on("message", (message: FromWorker) => {
      if ("progress" in message) onProgress?.(message.progress);
      else if ("loaded" in message) resolve(message.loaded);
      else if ("refused" in message) reject(new ModelError(message.refused, message.fault, message.cause));
      else if ("lost" in message) lose(message.lost);
      else if ("news" in message) listening.get(message.id)?.(message.news);
      else asked.get(message.id)?.(message);
    });
    worker.on("error", (error) => lose(`The engine stopped: ${error.message}`));
    worker.on("exit", (code) => lose(`The engine ended with code ${code}`));
    lost.then((reason) => reject(new ModelError(reason, "device")));
  }).catch(async (error) => {
    await worker.terminate();
    throw error;
  });
  let ids = 0;
  let tasks = 0;
  let gone: string | undefined;
  let { fillsInMiddle } = loaded;

  lost.then((reason) => {
    gone = reason;
    for (const [id, answer] of asked) answer({ id, failed: reason });
  });

  /** What is running stops, and looks what it was sent: the message must be on its way already. */
  const interrupt = () => Atomics.store(loaded.interrupt, 0, 1);

  /** Settles when the worker has answered, so that the next is never sent before the engine is idle. */
  async function send<K extends keyof Requests>(
    kind: K,
    request: Requests[K]["request"],
    signal: AbortSignal,
    onNews?: (news: LessonNews) => void,
  ): Promise<Requests[K]["answer"]> {
    signal.throwIfAborted();
    if (gone) throw new Error(gone);
    const id = ++ids;
    if (onNews) listening.set(id, onNews);
    const cancel = () => {
      post({ cancel: id });
      interrupt();
    };
    signal.addEventListener("abort", cancel, { once: true });
    const answer = await new Promise<Answer>((resolve) => {
      asked.set(id, resolve);
      post({ id, kind, request });
      if (tasks > 0) interrupt();
    });
    signal.removeEventListener("abort", cancel);
    asked.delete(id);
    listening.delete(id);
    if ("failed" in answer) throw new Error(answer.failed, { cause: answer.cause });
    signal.throwIfAborted();
    if (!("answer" in answer)) throw new Error("The model was unloaded.");
    return answer.answer as Requests[K]["answer"];
  }

  const { interrupt: _, ...description } = loaded;
  const queue = createQueue(() => onBusy?.(queue.busy));
  const completing = new Set<Promise<unknown>>();
  return {
    ...description,
    get fillsInMiddle() {
      return fillsInMiddle;
    },
    request,
    lost,
    complete(request, signal) {
      const completed = queue.run("completion", (signal) => send("complete", request, signal), signal);
      completing.add(completed);
      const forget = () => completing.delete(completed);
      completed.then(forget, forget);
      return completed;
    },
    warm: (source, budget, signal) =>
      queue.run("warming", (signal) => send("warm", { source, budget }, signal), signal),
    async adapt(adapters) {
      ({ fillsInMiddle } = await queue.run("change", (signal) => send("adapt", adapters, signal)));
    },
    async do(kind, request, signal, onNews) {
      tasks++;
      try {
        return await send(kind, request, signal, onNews);
      } finally {
        tasks--;
      }
    },
    hold(on) {
      post({ hold: on });
      if (on) interrupt();
    },
    stopLesson() {
      post({ stop: true });
      interrupt();
    },
    async idle() {
      await Promise.allSettled(completing);
    },
    async dispose() {
      const left = new Promise((resolve) => worker.once("exit", resolve));
      post({ dispose: true });
      interrupt();
      await left;
      loaded.interrupt = new Int32Array(new SharedArrayBuffer(4)); // the other one holds all memory of the engine
      collect();
    },
  };
}
