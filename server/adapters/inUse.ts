// Which adapters each workspace uses, and at which scale: adapters/uses.json in the storage.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdapterBase, CheckpointError, mismatch, writeWhole } from "../../engine";
import type { AdapterInUse } from "../engine/messages";
import { adaptersIn, listAdapters, storedFileName } from "./storage";

interface Use {
  /** The name of the adapter's file in the storage. */
  file: string;
  scale: number;
}

/** The adapters that each workspace uses, by the workspace's key. */
type Uses = Record<string, Use[]>;

const usesFile = (storage: string) => join(adaptersIn(storage), "uses.json");

/** A workspace's key, made of its folders' URIs. */
export const workspaceOf = (folders: readonly string[]): string => [...folders].sort().join(" ");

export interface NamedAdapterInUse extends AdapterInUse {
  name: string;
}

/** The adapters that a workspace uses and that fit the model `base`. Deleted ones are left out. */
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

/**
 * Sets the scale of an adapter in a workspace; 0 removes it. With `alone` it replaces all other adapters of the workspace.
 * Throws CheckpointError if the path is not in the storage.
 */
export async function setAdapterScale(storage: string, workspace: string, path: string, scale: number, alone = false) {
  const uses = await read(storage).catch((): Uses => ({})); // a damaged file is replaced
  const file = storedFileName(storage, path);
  const others = alone ? [] : (uses[workspace] ?? []).filter((use) => use.file !== file);
  await write(storage, { ...uses, [workspace]: scale === 0 ? others : [...others, { file, scale }] });
}

/** Removes an adapter from every workspace. Its file stays. */
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
    throw new CheckpointError(
      `${usesFile(storage)} is damaged. Choose again in “Adapters…” which adapters this workspace uses.`,
    );
  }
}

async function write(storage: string, uses: Uses) {
  const used = Object.fromEntries(Object.entries(uses).filter(([, list]) => list.length));
  await mkdir(adaptersIn(storage), { recursive: true });
  await writeWhole({ [usesFile(storage)]: (file) => file.writeFile(JSON.stringify(used, null, 2)) });
}
