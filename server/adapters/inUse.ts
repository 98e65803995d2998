// Which adapters each workspace uses, and how strongly: adapters/uses.json in the storage.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdapterBase, CheckpointError, mismatch, writeWhole } from "../../engine";
import type { AdapterInUse } from "../engine/messages";
import { adaptersIn, listAdapters, storedFileName } from "./storage";

interface Use {
  /** Its name among those that are kept. */
  file: string;
  scale: number;
}

/** By workspace. */
type Uses = Record<string, Use[]>;

const usesFile = (storage: string) => join(adaptersIn(storage), "uses.json");

/** A workspace as it is remembered, by its folders' URIs. */
export const workspaceOf = (folders: readonly string[]): string => [...folders].sort().join(" ");

export interface NamedAdapterInUse extends AdapterInUse {
  name: string;
}

/** Those of a workspace that are still there, and for a model that is built like `base`. */
export async function adaptersInUse(
  storage: string,
  workspace: string,
  base: AdapterBase,
): Promise<NamedAdapterInUse[]> {
  const uses = (await read(storage))[workspace] ?? [];
  if (!uses.length) return [];
  const kept = (await listAdapters(storage)).filter((adapter) => !mismatch(adapter.base, base, ""));
  return uses.flatMap(({ file, scale }) => {
    const path = join(adaptersIn(storage), file);
    const found = kept.find((adapter) => adapter.path === path);
    return found ? [{ path, scale, name: found.name }] : [];
  });
}

/** From now on at this scale, 0 being not at all; `alone`: instead of all others that the workspace uses. */
export async function setAdapterScale(storage: string, workspace: string, path: string, scale: number, alone = false) {
  const uses = await read(storage).catch((): Uses => ({})); // damaged: what is asked for now is all that is known
  const file = storedFileName(storage, path);
  const others = alone ? [] : (uses[workspace] ?? []).filter((use) => use.file !== file);
  await write(storage, { ...uses, [workspace]: scale === 0 ? others : [...others, { file, scale }] });
}

/** In no workspace any more. */
export async function removeFromWorkspaces(storage: string, path: string) {
  const file = storedFileName(storage, path);
  const uses = Object.entries(await read(storage));
  await write(
    storage,
    Object.fromEntries(uses.map(([workspace, used]) => [workspace, used.filter((use) => use.file !== file)])),
  );
}

async function read(storage: string): Promise<Uses> {
  const text = await readFile(usesFile(storage), "utf8").catch((error) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckpointError(`${usesFile(storage)} is damaged. Choose anew in “Adapters…” what this workspace uses.`);
  }
}

async function write(storage: string, uses: Uses) {
  const used = Object.fromEntries(Object.entries(uses).filter(([, list]) => list.length));
  await mkdir(adaptersIn(storage), { recursive: true });
  await writeWhole({ [usesFile(storage)]: (file) => file.writeFile(JSON.stringify(used, null, 2)) });
}
