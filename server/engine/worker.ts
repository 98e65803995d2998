// The engine's thread: loads one model and answers for it until it is told to end.
import { parentPort, workerData } from "node:worker_threads";
import { CheckpointError, type Engine, loadEngine, WeightError } from "../../engine";
import { createPrompting, generate, type Prompting, read } from "../completion/generate";
import type { Answer, FromWorker, LoadRequest, ToWorker, Work } from "./messages";

const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);

const engine = await load(workerData as LoadRequest);
if (engine) serve(engine);

async function load({ path, ...options }: LoadRequest): Promise<Engine | undefined> {
  try {
    const engine = await loadEngine(path, { ...options, onProgress: (progress) => say({ progress }) });
    const { info, device, session, interrupt, fillInMiddle } = engine;
    say({
      loaded: {
        info,
        device: { kind: device.kind === "webgpu" ? "gpu" : "cpu", name: device.description, reason: device.reason },
        fillsInMiddle: fillInMiddle !== undefined,
        context: session.context,
        interrupt,
      },
    });
    return engine;
  } catch (error) {
    const fault = error instanceof CheckpointError || error instanceof WeightError ? "model" : "device";
    say({ refused: sentence(error), fault });
  }
}

function serve(engine: Engine) {
  const prompting = createPrompting(engine);
  const running = new Map<number, AbortController>();

  engine.lost.then((lost) => say({ lost }));
  port.on("message", async (message: ToWorker) => {
    if ("cancel" in message) return running.get(message.cancel)?.abort();
    if ("dispose" in message) {
      await engine.dispose();
      return port.close();
    }
    const { id, work } = message;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      say({ id, ...(await run(engine, prompting, work, controller.signal)) });
    } catch (error) {
      say(controller.signal.aborted ? { id } : { id, failed: sentence(error) });
    } finally {
      running.delete(id);
    }
  });
}

async function run(engine: Engine, prompting: Prompting, work: Work, signal: AbortSignal): Promise<Partial<Answer>> {
  if ("complete" in work) return { completion: await generate(engine, prompting, work.complete, signal) };
  const { source, budget } = work.warm;
  await prompting.syntax.placeOf(source);
  return { reading: await read(engine, prompting.layOut(source, budget).ids, signal) };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
