// The model in use. The host loads the model that the settings name, keeps the current one until the next is loaded, and
// loads a model again when its worker or device is lost.
import { isDeepStrictEqual } from "node:util";
import type { AdapterBase } from "../../engine";
import type { ModelDescription, Problem, Settings } from "../../protocol";
import type { NamedAdapterInUse } from "../adapters/inUse";
import { describeModel, fileOf, shippedAdapters } from "../models/models";
import { causeOf, problemOf } from "../problem";
import type { StatusParts, StatusReport } from "../status";
import type { LoadRequest } from "./messages";
import { type EngineProxy, ModelError, startEngine } from "./proxy";

export interface Host {
  readonly engine: EngineProxy | undefined;
  /** Loads the model that the settings name, unless it is loaded already. Reports failures in the status. */
  applySettings(settings: Settings): Promise<void>;
  /** Loads the model at `path`. Returns its description, or the problem if it cannot be loaded. */
  select(path: string): Promise<{ model: ModelDescription } | { problem: Problem }>;
  /** Applies the adapters that the workspace uses now. Returns the problem if one of them cannot be used. */
  adapt(): Promise<Problem | undefined>;
  /**
   * Replaces the worker `last`, in which something was trained, by a new one with the same model. A WebAssembly memory never
   * shrinks, and training takes several times the memory of completions. Completions go on in the meantime. Does nothing if
   * another model is in use.
   */
  replaceWorker(last: EngineProxy): Promise<void>;
  dispose(): Promise<void>;
}

export interface HostOptions {
  status: StatusReport;
  storage(): string | undefined;
  log(line: string): void;
  /** The adapters that the workspace uses with this model. */
  adapters(base: AdapterBase): Promise<NamedAdapterInUse[]>;
  /** Called when a model is loaded. */
  onLoad(): void;
  /** Called when the adapters on the model have changed, or its worker was replaced. */
  onAdapt(): void;
}

/** Tokens of the context that are reserved for the completion. */
const completionTokens = 256;

/** After more than `most` crashes within `milliseconds`, the host stops loading the model again and asks the user. */
const crashLimit = { most: 3, milliseconds: 3 * 60_000 };

export function createHost({ status, storage, log, adapters, onLoad, onAdapt }: HostOptions): Host {
  let engine: EngineProxy | undefined;
  /** The adapters on the engine's model, beside those that are part of it. */
  let appliedAdapters: NamedAdapterInUse[] = [];
  /** The request of the settings. The engine's own may differ, since a model whose GPU fails runs on the CPU. */
  let requested: LoadRequest | undefined;
  let newest: LoadRequest | undefined;
  /** Whether the built-in model is loaded with the adapter that is shipped with it. */
  let useShipped = true;
  /** Times in milliseconds since 1970. */
  let crashes: number[] = [];

  const modelAt = (path: string) => ({ path: fileOf(path), adapters: useShipped ? shippedAdapters(path) : [] });

  /** Returns the problem if the model cannot be used; the current one then stays. */
  async function load(path: string, request: LoadRequest): Promise<Problem | undefined> {
    newest = request;
    status.set({ progress: 0 });
    try {
      const { next, problem } = await loadSomewhere(request);
      const description = await describeModel(path, storage());
      if (newest !== request) {
        await next.dispose();
        throw new ModelError("Another model was chosen meanwhile.");
      }
      await use(next, description, problem);
    } catch (error) {
      setStatus(request, { progress: undefined });
      return problemOf(error, "selectModel");
    }
  }

  /** Sets parts of the status, unless another load has begun since this one. */
  function setStatus(request: LoadRequest, parts: StatusParts) {
    if (newest === request) status.set(parts);
  }

  async function loadSomewhere(request: LoadRequest): Promise<{ next: EngineProxy; problem?: Problem }> {
    const events = {
      onProgress: (share: number) => setStatus(request, { progress: Math.round(share * 100) / 100 }),
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
    const { applied, problem: adapterProblem } = await applyAdapters(next);
    replaceEngine(next, applied, description.path);
    const { device, info, request } = next;
    log(`Loaded ${info.name} from ${request.path} on ${device.name} (${device.reason})`);
    status.set({
      progress: undefined,
      speed: undefined,
      busy: false,
      model: description,
      device,
      adapters: namesAndScales(),
      problem: problem ?? adapterProblem,
    });
    onLoad();
    await last?.dispose();
  }

  function replaceEngine(next: EngineProxy, applied: NamedAdapterInUse[], path: string) {
    engine = next;
    appliedAdapters = applied;
    next.lost.then((reason) => recover(next, path, reason));
  }

  const namesAndScales = () => appliedAdapters.map(({ name, scale }) => ({ name, scale }));

  /** Applies the workspace's adapters to a new engine, or none if one of them cannot be used. */
  async function applyAdapters(next: EngineProxy): Promise<{ applied: NamedAdapterInUse[]; problem?: Problem }> {
    try {
      const applied = await adapters(next.base);
      if (applied.length) await next.adapt(applied);
      return { applied };
    } catch (error) {
      return { applied: [], problem: adapterProblem(error) };
    }
  }

  async function recover(lost: EngineProxy, path: string, reason: string) {
    if (lost !== engine) return;
    engine = undefined;
    log(reason);
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < crashLimit.milliseconds), now];
    if (crashes.length > crashLimit.most) {
      const message = `The model stopped ${crashes.length} times within three minutes. Restart it, or look into the log for the cause.`;
      return status.set({ model: undefined, problem: { message, action: "restart" } });
    }
    const { kind } = lost.device;
    const problem = await load(path, kind === "gpu" ? { ...lost.request, device: "cpu" } : lost.request);
    const next = kind === "gpu" ? "It runs on the CPU now; Restart tries the GPU again." : "It was loaded again.";
    if (problem) status.set({ model: undefined, problem });
    else status.set({ problem: { message: `${sentence(reason)} ${next}`, action: "restart" } });
  }

  async function adapt(): Promise<Problem | undefined> {
    if (!engine) return undefined; // adapters are applied when a model is loaded
    try {
      const wanted = await adapters(engine.base);
      if (JSON.stringify(wanted) === JSON.stringify(appliedAdapters)) return undefined;
      await engine.adapt(wanted);
      appliedAdapters = wanted;
      status.set({ adapters: namesAndScales() });
      onAdapt();
    } catch (error) {
      if ((error as Error).name === "AbortError") return undefined; // a newer change took its place
      return adapterProblem(error);
    }
  }

  return {
    get engine() {
      return engine;
    },
    async applySettings({ model: { path, fillInMiddle, context }, device, threads }) {
      useShipped = fillInMiddle;
      const request = { ...modelAt(path), device, threads, context: context + completionTokens };
      if (same(request, requested)) return;
      requested = newest = request;
      if (engine && same(request, engine.request)) return status.set({ progress: undefined, problem: undefined });
      const problem = await load(path, request);
      if (problem) setStatus(request, { problem });
    },
    async select(path) {
      if (!requested) return { problem: { message: "The server has not started yet.", action: "restart" } };
      const request = { ...requested, ...modelAt(path) };
      const problem = engine && same(request, engine.request) ? undefined : await load(path, request);
      if (problem) return { problem };
      requested = request;
      return { model: status.current.model! };
    },
    adapt,
    async replaceWorker(last) {
      if (last !== engine || last.device.kind !== "cpu") return; // a GPU's memory is freed at once
      try {
        const next = await startEngine(last.request, { onBusy: (busy) => status.set({ busy }) });
        next.device.reason = last.device.reason;
        const { applied } = await applyAdapters(next);
        if (last !== engine) return await next.dispose();
        replaceEngine(next, applied, status.current.model!.path);
        status.set({ adapters: namesAndScales() });
        onAdapt(); // the new worker's KV cache is empty
        await last.idle();
        await last.dispose();
        await adapt(); // the workspace may use other adapters by now
      } catch (error) {
        log(`The model was not loaded again after training, so the memory of training is not freed: ${causeOf(error)}`);
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

const adapterProblem = (error: unknown) => problemOf(error, "showLog", "The workspace's adapters cannot be used: ");

const sentence = (text: string) => text.replace(/\.?$/, ".");
