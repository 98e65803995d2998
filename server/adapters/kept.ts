// What the models of this machine have been taught: GGUF files in the storage.
import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Adapter,
  type AdapterDescription,
  CheckpointError,
  describeGgufAdapter,
  writeGgufAdapter,
} from "../../engine";
import type { LessonReport } from "../../protocol";

export interface KeptAdapter extends AdapterDescription {
  path: string;
  /** In bytes. */
  size: number;
  /** In milliseconds since 1970. */
  made: number;
  report?: LessonReport;
}

export const adaptersIn = (storage: string) => join(storage, "adapters");

/** The newest first. */
export async function keptAdapters(storage: string): Promise<KeptAdapter[]> {
  const files = await readdir(adaptersIn(storage)).catch(() => []);
  const paths = files.filter((file) => file.endsWith(".gguf")).map((file) => join(adaptersIn(storage), file));
  const found = await Promise.all(paths.map((path) => describe(path).catch(() => undefined))); // damaged, or half deleted
  return found.filter((one) => one !== undefined).sort((a, b) => b.made - a.made);
}

async function describe(path: string): Promise<KeptAdapter> {
  const [description, { size, mtimeMs }] = await Promise.all([describeGgufAdapter(path), stat(path)]);
  const { made, report } = description.metadata;
  const time = Date.parse(String(made));
  const measured = report as unknown as LessonReport | undefined;
  return {
    ...description,
    path,
    size,
    made: Number.isNaN(time) ? mtimeMs : time,
    report: typeof measured?.heldOutLoss?.before === "number" ? measured : undefined,
  };
}

/** Writes it under its name, or one like it where there is another of that name; returns its path. */
export async function keepAdapter(storage: string, adapter: Adapter): Promise<string> {
  const folder = adaptersIn(storage);
  await mkdir(folder, { recursive: true });
  const taken = new Set((await readdir(folder)).map((file) => file.toLowerCase()));
  const wanted = adapter.name.replace(/[^\p{L}\p{N} ._+-]+/gu, "-").replace(/^[. -]+|[. ]+$/g, "") || "adapter";
  let name = wanted;
  for (let i = 2; taken.has(`${name}.gguf`.toLowerCase()); i++) name = `${wanted} ${i}`;
  const path = join(folder, `${name}.gguf`);
  await writeGgufAdapter(path, { ...adapter, name });
  return path;
}

/** The file's name; throws where the path leads elsewhere than to what is kept. */
export function keptFile(storage: string, path: string): string {
  if (dirname(resolve(path)) === resolve(adaptersIn(storage))) return basename(path);
  throw new CheckpointError(`${path} is none of the adapters that are kept here.`);
}
