// Which model is in use: loads what the settings ask for, keeps the one before until the next is there, and loads anew
// what was lost.
import { isDeepStrictEqual } from "node:util";
import type { AdapterBase } from "../../engine";
import type { ModelDescription, Problem, Settings } from "../../protocol";
import type { NamedAdapterInUse } from "../adapters/uses";
import { describeModel, fileOf, shippedAdapters } from "../models/models";
import { causeOf, problemOf } from "../problem";
import type { StatusReport } from "../status";
import type { LoadRequest } from "./messages";
import { type EngineProxy, ModelError, startEngine } from "./proxy";

export interface Host {
  readonly engine: EngineProxy | undefined;
  /** Loads what the settings say, unless that was done already. What goes wrong is told by the status. */
  follow(settings: Settings): Promise<void>;
  /** Loads the model at `path` and answers with it, or with why not. */
  select(path: string): Promise<{ model: ModelDescription } | { problem: Problem }>;
  /** Uses the adapters that are wanted now; answers with why not, where one cannot be used. */
  adapt(): Promise<Problem | undefined>;
  /**
   * Puts a new worker with the same model in the place of `last`, in which something was trained: a WebAssembly memory
   * never shrinks, and training takes several times what completions do. Completions go on meanwhile. Where another model
   * is in use by then, that one stays.
   */
  renew(last: EngineProxy): Promise<void>;
  dispose(): Promise<void>;
}

export interface HostOptions {
  status: StatusReport;
  storage(): string | undefined;
  log(line: string): void;
  /** Those that are wanted on a model. */
  adapters(base: AdapterBase): Promise<NamedAdapterInUse[]>;
  /** A model is ready. */
  onLoad(): void;
  /** The model writes otherwise from now on. */
  onAdapt(): void;
}

/** For completions; the rest of the context is the prompt's. */
const roomToWrite = 256;

/** More losses than `most` within `span` milliseconds, and the user decides whether to go on. */
const patience = { most: 3, span: 3 * 60_000 };

export function createHost({ status, storage, log, adapters, onLoad, onAdapt }: HostOptions): Host {
  let engine: EngineProxy | undefined;
  /** On the model. */
  let adapted: NamedAdapterInUse[] = [];
  /** As the settings have it, of which the one in use may differ: it may run on the CPU after all. */
  let asked: LoadRequest | undefined;
  let newest: LoadRequest | undefined;
  /** Whether models are used with the adapters that come with them. */
  let shipped = true;
  let losses: number[] = [];

  const modelAt = (path: string) => ({ path: fileOf(path), adapters: shipped ? shippedAdapters(path) : [] });

  /** Why the model is not in use, if it is not; the one before is then. */
  async function load(path: string, request: LoadRequest): Promise<Problem | undefined> {
    newest = request;
    const isNewest = () => newest === request;
    status.set({ progress: 0 });
    try {
      const { next, problem } = await loadSomewhere(request, isNewest);
      const description = await describeModel(path, storage());
      if (!isNewest()) {
        await next.dispose();
        throw new ModelError("Another model was chosen meanwhile.");
      }
      await use(next, description, problem);
    } catch (error) {
      if (isNewest()) status.set({ progress: undefined });
      return problemOf(error, "selectModel");
    }
  }

  async function loadSomewhere(
    request: LoadRequest,
    isNewest: () => boolean,
  ): Promise<{ next: EngineProxy; problem?: Problem }> {
    const events = {
      onProgress: (share: number) => isNewest() && status.set({ progress: Math.round(share * 100) / 100 }),
      onBusy: (busy: boolean) => status.set({ busy }),
    };
    try {
      return { next: await startEngine(request, events) };
    } catch (error) {
      if (request.device === "cpu" || !(error instanceof ModelError) || error.fault === "model") throw error;
      const next = await startEngine({ ...request, device: "cpu" }, events);
      next.device.reason = error.message;
      const message = `The GPU cannot be used: ${sentence(error.message)} The CPU is used instead.`;
      return { next, problem: { message, action: "openSettings", cause: causeOf(error) } };
    }
  }

  async function use(next: EngineProxy, description: ModelDescription, problem?: Problem) {
    const last = engine;
    const adapters = await wantedOn(next);
    engine = next;
    adapted = adapters.used;
    const { device, info, request } = next;
    log(`Loaded ${info.name} from ${request.path} on ${device.name} (${device.reason})`);
    status.set({
      progress: undefined,
      speed: undefined,
      busy: false,
      model: description,
      device,
      adapters: shown(),
      problem: problem ?? adapters.problem,
    });
    next.lost.then((reason) => recover(next, description.path, reason));
    onLoad();
    await last?.dispose();
  }

  const shown = () => adapted.map(({ name, scale }) => ({ name, scale }));

  /** Puts the adapters on it that are wanted; none, where one of them cannot be used. */
  async function wantedOn(next: EngineProxy): Promise<{ used: NamedAdapterInUse[]; problem?: Problem }> {
    try {
      const used = await adapters(next.base);
      if (used.length) await next.adapt(used);
      return { used };
    } catch (error) {
      return { used: [], problem: unusable(error) };
    }
  }

  async function recover(lost: EngineProxy, path: string, reason: string) {
    if (lost !== engine) return;
    engine = undefined;
    log(reason);
    const now = Date.now();
    losses = [...losses.filter((time) => now - time < patience.span), now];
    if (losses.length > patience.most) {
      const message = `The model stopped ${losses.length} times within three minutes. Restart it, or look into the log for the cause.`;
      return status.set({ model: undefined, problem: { message, action: "restart" } });
    }
    const { kind } = lost.device;
    const problem = await load(path, kind === "gpu" ? { ...lost.request, device: "cpu" } : lost.request);
    const next = kind === "gpu" ? "It runs on the CPU now; Restart tries the GPU again." : "It was loaded again.";
    if (problem) status.set({ model: undefined, problem });
    else status.set({ problem: { message: `${sentence(reason)} ${next}`, action: "restart" } });
  }

  async function adapt(): Promise<Problem | undefined> {
    if (!engine) return undefined; // what is wanted by then is used when one is loaded
    try {
      const wanted = await adapters(engine.base);
      if (JSON.stringify(wanted) === JSON.stringify(adapted)) return undefined;
      await engine.adapt(wanted);
      adapted = wanted;
      status.set({ adapters: shown() });
      onAdapt();
    } catch (error) {
      if ((error as Error).name === "AbortError") return undefined; // others are wanted by now
      return unusable(error);
    }
  }

  return {
    get engine() {
      return engine;
    },
    async follow({ model: { path, fillInMiddle, context }, device, threads }) {
      shipped = fillInMiddle;
      const request = { ...modelAt(path), device, threads, context: context + roomToWrite };
      if (same(request, asked)) return;
      asked = newest = request;
      if (engine && same(request, engine.request)) return status.set({ progress: undefined, problem: undefined });
      const problem = await load(path, request);
      if (problem && newest === request) status.set({ problem });
    },
    async select(path) {
      if (!asked) return { problem: { message: "The server has not started yet.", action: "restart" } };
      const request = { ...asked, ...modelAt(path) };
      const problem = engine && same(request, engine.request) ? undefined : await load(path, request);
      if (problem) return { problem };
      asked = request;
      return { model: status.current.model! };
    },
    adapt,
    async renew(last) {
      if (last !== engine || last.device.kind !== "cpu") return; // a GPU's memory is given back at once
      try {
        const next = await startEngine(last.request, { onBusy: (busy) => status.set({ busy }) });
        next.device.reason = last.device.reason;
        const { used } = await wantedOn(next);
        if (last !== engine) return await next.dispose();
        engine = next;
        adapted = used;
        status.set({ adapters: shown() });
        const { path } = status.current.model!;
        next.lost.then((reason) => recover(next, path, reason));
        onAdapt(); // it has read nothing yet
        await last.idle();
        await last.dispose();
        await adapt(); // others may be wanted by now
      } catch (error) {
        log(`The model was not loaded again after training, which keeps its memory: ${causeOf(error)}`);
      }
    },
    async dispose() {
      const last = engine;
      engine = undefined;
      await last?.dispose();
    },
  };
}

const same = (a: LoadRequest, b: LoadRequest | undefined) => isDeepStrictEqual(a, b);

const unusable = (error: unknown) => problemOf(error, "showLog", "What the model was taught cannot be used: ");

const sentence = (text: string) => text.replace(/\.?$/, ".");
