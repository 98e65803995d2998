// The adapters of this machine: GGUF files in the folder `adapters` of the storage.
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

export interface StoredAdapter extends AdapterDescription {
  path: string;
  /** In bytes. */
  size: number;
  /** When it was made, in milliseconds since 1970. */
  made: number;
  report?: Omit<LessonReport, "examples">;
}

export const adaptersIn = (storage: string) => join(storage, "adapters");

/** Lists the adapters, the newest first. Files that cannot be read as adapters are skipped. */
export async function listAdapters(storage: string): Promise<StoredAdapter[]> {
  const files = await readdir(adaptersIn(storage)).catch(() => []);
  const paths = files.filter((file) => file.endsWith(".gguf")).map((file) => join(adaptersIn(storage), file));
  const found = await Promise.all(paths.map((path) => describe(path).catch(() => undefined)));
  return found.filter((one) => one !== undefined).sort((a, b) => b.made - a.made);
}

async function describe(path: string): Promise<StoredAdapter> {
  const [description, { size, mtimeMs }] = await Promise.all([describeGgufAdapter(path), stat(path)]);
  const { made, report } = description.metadata;
  const time = Date.parse(String(made));
  const measured = report as unknown as StoredAdapter["report"];
  return {
    ...description,
    path,
    size,
    made: Number.isNaN(time) ? mtimeMs : time,
    report: typeof measured?.heldOutLoss?.before === "number" ? measured : undefined,
  };
}

/** In bytes. File systems allow 255; a number and the ending are added. */
const maxNameBytes = 200;

/** A file name for an adapter's name that is valid on every system: shortened, without characters that paths reserve. */
export function fileNameOf(name: string): string {
  const usable = name.replace(/[\p{Cc}\p{Cs}<>:"/\\|?*]+/gu, "-").replace(/^[. -]+/, "");
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(usable)) {
    if (Buffer.byteLength(short + segment) > maxNameBytes) break;
    short += segment;
  }
  short = short.replace(/[. ]+$/, "");
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) ? `${short}_` : short || "adapter";
}

/** Writes an adapter into the storage. A number is appended to its name if the name is taken. Returns its path and name. */
export async function saveAdapter(storage: string, adapter: Adapter): Promise<{ path: string; name: string }> {
  const folder = adaptersIn(storage);
  await mkdir(folder, { recursive: true });
  const taken = new Set((await readdir(folder)).map((file) => file.toLowerCase()));
  const numbered = (name: string, i: number) => (i > 1 ? `${name} ${i}` : name);
  const wanted = fileNameOf(adapter.name);
  let i = 1;
  while (taken.has(`${numbered(wanted, i)}.gguf`.toLowerCase())) i++;
  const path = join(folder, `${numbered(wanted, i)}.gguf`);
  const name = numbered(adapter.name, i);
  await writeGgufAdapter(path, { ...adapter, name });
  return { path, name };
}

/** The name of the adapter's file. Throws CheckpointError if the path is not in the storage. */
export function storedFileName(storage: string, path: string): string {
  if (dirname(resolve(path)) === resolve(adaptersIn(storage))) return basename(path);
  throw new CheckpointError(`${path} is not one of the stored adapters.`);
}
