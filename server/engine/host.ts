// Which model is in use: loads what the settings ask for, keeps the one before until the next is there, and loads anew
// what was lost.
import type { Model as ModelDescription, Problem, Settings } from "../../protocol";
import { describeModel, fileOf } from "../models/models";
import type { StatusReport } from "../status";
import type { LoadRequest } from "./messages";
import { loadModel, type Model } from "./model";

export interface Host {
  readonly model: Model | undefined;
  /** Loads what the settings say, unless it is loaded already. What goes wrong is told by the status. */
  follow(settings: Settings): Promise<void>;
  /** Loads the model at `path` and answers with it, or with why not. */
  select(path: string): Promise<{ model: ModelDescription } | { problem: Problem }>;
  dispose(): Promise<void>;
}

/** For completions; the rest of the context is the prompt's. */
const roomToWrite = 256;

/** More losses than `most` within `span` milliseconds, and the user decides whether to go on. */
const patience = { most: 3, span: 3 * 60_000 };

export function createHost(status: StatusReport, storage: () => string | undefined, log: (line: string) => void): Host {
  let model: Model | undefined;
  let wanted: LoadRequest | undefined;
  let losses: number[] = [];

  async function load(request: LoadRequest, path: string): Promise<Problem | undefined> {
    const before = wanted;
    wanted = request;
    status.set({ progress: 0 });
    let next: Model;
    try {
      next = await loadModel(request, {
        onProgress: (progress) => wanted === request && status.set({ progress }),
        onBusy: (busy) => status.set({ busy }),
      });
    } catch (error) {
      const problem = { message: (error as Error).message, action: "selectModel" } as const;
      if (wanted !== request) return problem;
      wanted = before;
      status.set({ progress: undefined });
      return problem;
    }
    if (wanted !== request) {
      await next.dispose();
      return { message: "Another model was chosen meanwhile.", action: "selectModel" };
    }
    const old = model;
    model = next;
    status.set({
      progress: undefined,
      problem: undefined,
      speed: undefined,
      model: await describeModel(path, next.info.name, storage()),
      device: next.device,
    });
    log(`Loaded ${next.info.name} from ${request.path} on ${next.device.name} (${next.device.reason})`);
    next.lost.then((reason) => recover(next, path, reason));
    await old?.dispose();
  }

  async function loadOrTell(request: LoadRequest, path: string) {
    const problem = await load(request, path);
    if (problem) status.set({ problem });
  }

  async function recover(lost: Model, path: string, reason: string) {
    if (lost !== model) return;
    model = undefined;
    log(reason);
    losses = [...losses.filter((time) => Date.now() - time < patience.span), Date.now()];
    if (losses.length > patience.most) {
      const message = `The model stopped ${losses.length} times within three minutes. Restart it, or look into the log for the cause.`;
      return status.set({ model: undefined, problem: { message, action: "restart" } });
    }
    const onGpu = lost.device.kind === "gpu";
    const problem = await load({ ...lost.request, device: onGpu ? "cpu" : lost.request.device }, path);
    const next = onGpu ? "It runs on the CPU now; Restart tries the GPU again." : "It was loaded again.";
    status.set({ problem: problem ?? { message: `${reason.replace(/\.?$/, ".")} ${next}`, action: "restart" } });
  }

  return {
    get model() {
      return model;
    },
    async follow({ model: { path, context }, device, threads }) {
      const request = { path: fileOf(path), device, threads, context: context + roomToWrite };
      if (same(request, wanted)) return;
      await loadOrTell(request, path);
    },
    async select(path) {
      if (!wanted) return { problem: { message: "The server has not started yet.", action: "restart" } };
      const problem = await load({ ...wanted, path: fileOf(path) }, path);
      return problem ? { problem } : { model: status.current.model! };
    },
    async dispose() {
      const last = model;
      model = undefined;
      await last?.dispose();
    },
  };
}

const same = (a: LoadRequest, b: LoadRequest | undefined) =>
  a.path === b?.path && a.device === b.device && a.context === b.context && a.threads === b.threads;
