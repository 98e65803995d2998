// The main thread's proxy of an engine in a worker, so that edits never wait for the model and its crash does not end the
// server.
import { Worker } from "node:worker_threads";
import { built } from "../../engine";
import type { Completion, CompletionRequest, Reading } from "../completion/types";
import { collectGarbage } from "./collectGarbage";
import type {
  AdapterInUse,
  Answer,
  BackgroundTasks,
  Fault,
  ForegroundRequests,
  FromWorker,
  LessonEvent,
  Loaded,
  LoadRequest,
  ToWorker,
  WarmRequest,
} from "./messages";
import { createQueue } from "./queue";

export interface EngineProxy extends Omit<Loaded, "interrupt"> {
  readonly request: LoadRequest;
  /** A newer request cancels the current one, which then rejects with an AbortError. */
  complete(request: CompletionRequest, signal?: AbortSignal): Promise<Completion>;
  /** Prefills the prompt of a completion at this caret while the engine is idle, so that the completion finds it cached. */
  warm(request: WarmRequest, signal?: AbortSignal): Promise<Reading>;
  /** Replaces the adapters on the model. Rejects if one of them cannot be used; the current ones then stay. */
  adapt(adapters: AdapterInUse[]): Promise<void>;
  /** Runs a background task, which pauses while a foreground request runs. Rejects with the signal's reason if aborted. */
  runTask<K extends keyof BackgroundTasks>(
    kind: K,
    request: BackgroundTasks[K]["request"],
    signal: AbortSignal,
    onEvent?: (event: LessonEvent) => void,
  ): Promise<BackgroundTasks[K]["answer"]>;
  /** Suspends background tasks, or resumes them. */
  suspendTasks(on: boolean): void;
  /** Ends the running lesson early: it takes no further step and is measured. */
  stopLesson(): void;
  /** Resolves when every completion that was requested before has settled. */
  idle(): Promise<void>;
  /** Resolves, with a sentence for the user, when the worker or its device is lost. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/** The model cannot be used. The message is a sentence for the user. */
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

type Requests = ForegroundRequests & BackgroundTasks;

export interface LoadEvents {
  onProgress?(share: number): void;
  onBusy?(busy: boolean): void;
}

export async function startEngine(request: LoadRequest, { onProgress, onBusy }: LoadEvents = {}): Promise<EngineProxy> {
  const worker = new Worker(built("engine.js"), {
    workerData: request,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: 16 }, // V8's default lets garbage take 50 MB more
  });
  worker.stdout.pipe(process.stderr); // with --stdio, standard output carries LSP messages
  const pending = new Map<number, { settle(answer: Answer): void; onEvent?(event: LessonEvent): void }>();
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
      else if ("event" in message) pending.get(message.id)?.onEvent?.(message.event);
      else pending.get(message.id)?.settle(message);
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
  let lostReason: string | undefined;
  let { fillsInMiddle } = loaded;

  lost.then((reason) => {
    lostReason = reason;
    for (const [id, { settle }] of pending) settle({ id, failed: reason });
  });

  /** Interrupts the engine's run, so that the worker reads its messages. Call it after posting one. */
  const interrupt = () => Atomics.store(loaded.interrupt, 0, 1);

  /** Settles when the worker has answered, so that the queue never sends a request while another one runs. */
  async function send<K extends keyof Requests>(
    kind: K,
    request: Requests[K]["request"],
    signal: AbortSignal,
    onEvent?: (event: LessonEvent) => void,
  ): Promise<Requests[K]["answer"]> {
    signal.throwIfAborted();
    if (lostReason) throw new Error(lostReason);
    const id = ++ids;
    const cancel = () => {
      post({ cancel: id });
      interrupt();
    };
    signal.addEventListener("abort", cancel, { once: true });
    const answer = await new Promise<Answer>((settle) => {
      pending.set(id, { settle, onEvent });
      post({ id, kind, request });
      if (tasks > 0) interrupt();
    });
    signal.removeEventListener("abort", cancel);
    pending.delete(id);
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
    warm: (request, signal) => queue.run("warming", (signal) => send("warm", request, signal), signal),
    async adapt(adapters) {
      ({ fillsInMiddle } = await queue.run("change", (signal) => send("adapt", adapters, signal)));
    },
    async runTask(kind, request, signal, onEvent) {
      tasks++;
      try {
        return await send(kind, request, signal, onEvent);
      } finally {
        tasks--;
      }
    },
    suspendTasks(on) {
      post({ suspend: on });
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
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      post({ dispose: true });
      interrupt();
      await exited;
      loaded.interrupt = new Int32Array(new SharedArrayBuffer(4)); // the old one is a view of the engine's whole memory
      collectGarbage();
    },
  };
}
