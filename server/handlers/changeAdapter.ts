// Uses, deletes, exports, imports or merges an adapter.
import { rm } from "node:fs/promises";
import { mergeAdapter, openCheckpoint, readAdapter, writeGgufAdapter, writePeftAdapter } from "../../engine";
import type { ChangeAdapterParams, ChangeAdapterResult } from "../../protocol";
import { adaptersInUse, removeFromWorkspaces, setAdapterScale, workspaceOf } from "../adapters/inUse";
import { saveAdapter, storedFileName } from "../adapters/storage";
import type { Context } from "../context";
import { collectGarbage } from "../engine/collectGarbage";
import type { EngineProxy } from "../engine/proxy";
import { baseModelName } from "../lesson/baseModel";
import { problemOf } from "../problem";
import { whyNoModel } from "../status";
import { adapters } from "./adapters";

export async function changeAdapter(context: Context, params: ChangeAdapterParams): Promise<ChangeAdapterResult> {
  const { storage, host } = context;
  try {
    if (!storage) throw new Error("This editor gave Glassbox no folder to keep adapters in.");
    if (!host.engine) throw new Error(whyNoModel(context.status.current));
    await actions[params.action]({
      ...params,
      context,
      storage,
      engine: host.engine,
      workspace: workspaceOf(context.folders),
    });
    collectGarbage(); // what was read and written
    return { adapters: await adapters(context) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

interface ActionParams extends ChangeAdapterParams {
  context: Context;
  storage: string;
  workspace: string;
  engine: EngineProxy;
}

const actions: Record<ChangeAdapterParams["action"], (params: ActionParams) => Promise<void>> = {
  async use({ context, storage, workspace, path, scale = 1 }) {
    if (!Number.isFinite(scale)) throw new Error(`The scale should be a number, but is ${scale}.`);
    await setAdapterScale(storage, workspace, path, scale);
    await applyAdapters(context);
  },

  async delete({ context, storage, path }) {
    await removeFromWorkspaces(storage, path);
    await applyAdapters(context);
    await rm(path, { force: true });
  },

  /** A target that ends in .gguf becomes a file for llama.cpp, any other a folder for peft. */
  async export({ storage, path, target, engine }) {
    storedFileName(storage, path);
    const adapter = await readAdapter(path);
    const to = required(target);
    if (to.endsWith(".gguf")) await writeGgufAdapter(to, adapter);
    else await writePeftAdapter(to, adapter, (await baseModelName(engine.request.path)) ?? adapter.base.name);
  },

  async import({ storage, path, engine }) {
    await saveAdapter(storage, await readAdapter(path, engine.base));
  },

  /** `mergeAdapter` works on a few rows at a time, so that completions go on meanwhile. */
  async merge({ storage, workspace, path, scale, target, engine }) {
    storedFileName(storage, path);
    const used = await adaptersInUse(storage, workspace, engine.base);
    const base = await openCheckpoint(engine.request.path);
    try {
      const mergeScale = scale ?? used.find((one) => one.path === path)?.scale ?? 1;
      await mergeAdapter(base, await readAdapter(path), mergeScale, required(target));
    } finally {
      await base.close();
    }
  },
};

function required(target: string | undefined): string {
  if (!target) throw new Error("No file or folder to write to was given. Choose one and try again.");
  return target;
}

async function applyAdapters({ host }: Context) {
  const problem = await host.adapt();
  if (problem) throw new Error(problem.message);
}
