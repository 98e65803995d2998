// The engine's thread: loads one model and answers for it until it is told to end. Where a lesson is given beside, what
// someone waits for comes first.
import { parentPort, workerData } from "node:worker_threads";
import { CheckpointError, type Engine, LogitsError, loadEngine, readAdapter, WeightError } from "../../engine";
import { createPrompting, generate, read } from "../completion/worker/generate";
import { createLayout } from "../completion/worker/prompt";
import { causeOf, sentenceOf } from "../problem";
import type { AdapterInUse, Asked, FromWorker, Handlers, LoadRequest, Task, ToWorker, Work } from "./messages";
import { createTasks } from "./tasks";
import { createTurns } from "./turns";

const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);

const engine = await load(workerData as LoadRequest);
if (engine) serve(engine);

async function load({ path, ...options }: LoadRequest): Promise<Engine | undefined> {
  try {
    const engine = await loadEngine(path, { ...options, onProgress: (progress) => say({ progress }) });
    const { info, device, session, base, interrupt, fillInMiddle } = engine;
    say({
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
    say({ refused: sentenceOf(error), cause: causeOf(error), fault });
  }
}

function serve(engine: Engine) {
  const turns = createTurns();
  const works = createWorks(engine);
  const tasks = createTasks(engine, turns, (id, news) => say({ id, news }));
  const running = new Map<number, { controller: AbortController; settled: Promise<void> }>();

  engine.lost.then((lost) => say({ lost }));
  port.on("message", (message: ToWorker) => {
    if ("cancel" in message) return running.get(message.cancel)?.controller.abort();
    if ("hold" in message) return turns.hold(message.hold);
    if ("stop" in message) return tasks.stop();
    if ("dispose" in message) return end();
    const { id, ...asked } = message;
    const controller = new AbortController();
    const settled = answer(id, () => run(asked, controller.signal, id), controller.signal);
    running.set(id, { controller, settled });
  });

  async function run({ kind, request }: Asked, signal: AbortSignal, id: number): Promise<unknown> {
    if (!(kind in works)) return tasks[kind as keyof Task](request as never, signal, id);
    const leave = turns.enter();
    try {
      return await works[kind as keyof Work](request as never, signal, id);
    } finally {
      leave();
    }
  }

  async function answer(id: number, work: () => Promise<unknown>, signal: AbortSignal) {
    try {
      say({ id, answer: await work() });
    } catch (error) {
      say(signal.aborted ? { id } : { id, failed: sentenceOf(error), cause: causeOf(error) });
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

function createWorks(engine: Engine): Handlers<Work> {
  const prompting = createPrompting(engine);
  return {
    complete: (request, signal) => generate(engine, prompting, request, signal),
    async warm({ source, budget }, signal) {
      await prompting.syntax.placeOf(source);
      return read(engine, prompting.layOut(source, budget).ids, signal);
    },
    async adapt(adapters) {
      const read = async ({ path, scale }: AdapterInUse) => ({ adapter: await readAdapter(path, engine.base), scale });
      await engine.adapt(await Promise.all(adapters.map(read)));
      prompting.layOut = createLayout(engine.tokenizer, engine.fillInMiddle);
      return { fillsInMiddle: engine.fillInMiddle !== undefined };
    },
  };
}
