// The engine's worker thread: loads one model and answers requests until it is disposed of. Foreground requests come before
// background tasks such as lessons.
import { parentPort, workerData } from "node:worker_threads";
import { CheckpointError, type Engine, LogitsError, loadEngine, readAdapter, WeightError } from "../../engine";
import { createPrompting, generate, read } from "../completion/worker/generate";
import { createLayout } from "../completion/worker/prompt";
import { causeOf, sentenceOf } from "../problem";
import { collectGarbage } from "./collectGarbage";
import type {
  AdapterInUse,
  BackgroundTasks,
  ForegroundRequests,
  FromWorker,
  Handlers,
  LoadRequest,
  ToWorker,
  WorkerRequest,
} from "./messages";
import { createScheduler } from "./scheduler";
import { createTasks } from "./tasks";

const port = parentPort!;
const post = (message: FromWorker) => port.postMessage(message);

const engine = await load(workerData as LoadRequest);
if (engine) serve(engine);

async function load({ path, ...options }: LoadRequest): Promise<Engine | undefined> {
  try {
    const engine = await loadEngine(path, { ...options, onProgress: (progress) => post({ progress }) });
    const { info, device, session, base, interrupt, fillInMiddle } = engine;
    post({
      loaded: {
        info,
        device: { kind: device.kind === "webgpu" ? "gpu" : "cpu", name: device.description, reason: device.reason },
        fillsInMiddle: fillInMiddle !== undefined,
        context: session.context,
        base,
        interrupt,
      },
    });
    return engine;
  } catch (error) {
    const ofModel = [CheckpointError, WeightError, LogitsError].some((kind) => error instanceof kind);
    const fault = ofModel ? "model" : "device";
    post({ refused: sentenceOf(error), cause: causeOf(error), fault });
  }
}

function serve(engine: Engine) {
  const scheduler = createScheduler();
  const requests = createRequestHandlers(engine);
  const tasks = createTasks(engine, scheduler, (id, event) => post({ id, event }));
  const running = new Map<number, { controller: AbortController; settled: Promise<void> }>();

  engine.lost.then((lost) => post({ lost }));
  port.on("message", (message: ToWorker) => {
    if ("cancel" in message) return running.get(message.cancel)?.controller.abort();
    if ("suspend" in message) return scheduler.suspend(message.suspend);
    if ("stop" in message) return tasks.stop();
    if ("dispose" in message) return end();
    const { id, ...request } = message;
    const controller = new AbortController();
    const settled = answer(id, () => run(request, controller.signal, id), controller.signal);
    running.set(id, { controller, settled });
  });

  async function run({ kind, request }: WorkerRequest, signal: AbortSignal, id: number): Promise<unknown> {
    if (!(kind in requests)) return tasks[kind as keyof BackgroundTasks](request as never, signal, id);
    const endRequest = scheduler.beginRequest();
    try {
      return await requests[kind as keyof ForegroundRequests](request as never, signal, id);
    } finally {
      endRequest();
    }
  }

  async function answer(id: number, work: () => Promise<unknown>, signal: AbortSignal) {
    try {
      post({ id, answer: await work() });
    } catch (error) {
      post(signal.aborted ? { id } : { id, failed: sentenceOf(error), cause: causeOf(error) });
    } finally {
      running.delete(id);
    }
  }

  async function end() {
    const last = [...running.values()];
    for (const { controller } of last) controller.abort();
    await Promise.all(last.map(({ settled }) => settled));
    await engine.dispose();
    port.close();
  }
}

function createRequestHandlers(engine: Engine): Handlers<ForegroundRequests> {
  const prompting = createPrompting(engine);
  return {
    complete: (request, signal) => generate(engine, prompting, request, signal),
    async warm(request, signal) {
      await prompting.syntax.placeOf(request.source);
      return read(engine, prompting.layOut(request).ids, signal);
    },
    async adapt(adapters) {
      const read = async ({ path, scale }: AdapterInUse) => ({ adapter: await readAdapter(path, engine.base), scale });
      await engine.adapt(await Promise.all(adapters.map(read)));
      collectGarbage(); // what was read: it lies in the engine's memory now
      prompting.layOut = createLayout(engine.tokenizer, engine.fillInMiddle);
      return { fillsInMiddle: engine.fillInMiddle !== undefined };
    },
  };
}
