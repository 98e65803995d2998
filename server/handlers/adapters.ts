// What this machine's models have been taught.
import { mismatch } from "../../engine";
import type { Adapter } from "../../protocol";
import { keptAdapters } from "../adapters/kept";
import { adaptersInUse, workspaceOf } from "../adapters/uses";
import type { Context } from "../context";

export async function adapters({ storage, folders, host: { model } }: Context): Promise<Adapter[]> {
  if (!storage) return [];
  const used = model ? await adaptersInUse(storage, workspaceOf(folders), model.base) : [];
  return (await keptAdapters(storage)).map(({ metadata: _, base, ...adapter }) => ({
    ...adapter,
    base: base.name,
    fits: model !== undefined && !mismatch(base, model.base, ""),
    scale: used.find(({ path }) => path === adapter.path)?.scale,
  }));
}
