// Lists the adapters of this machine.
import { mismatch } from "../../engine";
import type { Adapter } from "../../protocol";
import { adaptersInUse, workspaceOf } from "../adapters/inUse";
import { listAdapters } from "../adapters/storage";
import type { Context } from "../context";

export async function adapters({ storage, folders, host: { engine } }: Context): Promise<Adapter[]> {
  if (!storage) return [];
  const used = engine ? await adaptersInUse(storage, workspaceOf(folders), engine.base) : [];
  return (await listAdapters(storage)).map(({ metadata: _, base, ...adapter }) => ({
    ...adapter,
    base: base.name,
    fits: engine !== undefined && !mismatch(base, engine.base, ""),
    scale: used.find(({ path }) => path === adapter.path)?.scale,
  }));
}
