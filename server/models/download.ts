// Downloads a model's files from the Hub. A download resumes where it stopped. A file gets its final name only when its hash
// is verified, so that a file with that name is complete.
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { downloadFile } from "@huggingface/hub";
import { HubError, hubError, hubUrl, type OfferedModel, type RemoteFile } from "./repository";

export interface DownloadOptions {
  /** The folder to save the repository's files in. */
  folder: string;
  signal?: AbortSignal;
  /** `bytes` of the model are on disk. */
  onProgress?(bytes: number): void;
  hub?: string;
}

/**
 * Returns the path to load: the (first) file of a GGUF model, or the folder of a safetensors model. Throws HubError, with a
 * sentence for the user, or the signal's reason if aborted.
 */
export async function download(repository: string, model: OfferedModel, options: DownloadOptions): Promise<string> {
  let done = 0;
  for (const file of model.files) {
    const onProgress = (bytes: number) => options.onProgress?.(done + bytes);
    await downloadOne(repository, file, { ...options, onProgress });
    done += file.size;
  }
  return model.file ? join(options.folder, model.file) : options.folder;
}

async function downloadOne(repository: string, file: RemoteFile, options: DownloadOptions): Promise<void> {
  const path = join(options.folder, file.path);
  if ((await sizeOf(path)) === file.size) return options.onProgress?.(file.size);
  await mkdir(dirname(path), { recursive: true });
  // The name holds the hash, so that the download of another version is not resumed.
  const part = `${path}.${file.hash.value.slice(0, 16)}.part`;

  for (let before = -1; ; ) {
    try {
      await append(repository, file, part, options);
      break;
    } catch (error) {
      options.signal?.throwIfAborted();
      const now = await sizeOf(part);
      if (now <= before || !isConnectionError(error)) throw hubError(error, repository);
      before = now;
    }
  }
  if ((await hashOf(part, file)) !== file.hash.value) {
    await rm(part);
    throw new HubError(
      `${file.path} of ${repository} arrived damaged: its ${file.hash.algorithm} hash is not the announced one. The file was removed; try again.`,
    );
  }
  await rename(part, path);
}

async function append(repository: string, file: RemoteFile, part: string, options: DownloadOptions) {
  const { signal, onProgress, hub = hubUrl() } = options;
  const out = await open(part, "a");
  try {
    let have = (await out.stat()).size;
    onProgress?.(have);
    if (have === file.size) return;
    const abortable: typeof fetch = (input, init) => fetch(input, { ...init, signal });
    const blob = await downloadFile({ repo: repository, path: file.path, hubUrl: hub, fetch: abortable });
    if (!blob) throw new HubError(`${repository} has no file ${file.path} any more.`);
    for await (const bytes of blob.slice(have, file.size).stream() as unknown as AsyncIterable<Uint8Array>) {
      await write(out, bytes, signal);
      have += bytes.length;
      onProgress?.(have);
    }
    if (have < file.size) throw new TypeError(`ended after ${have} of ${file.size} bytes`);
  } finally {
    await out.close();
  }
}

async function write(out: FileHandle, bytes: Uint8Array, signal?: AbortSignal) {
  signal?.throwIfAborted();
  try {
    await out.appendFile(bytes);
  } catch (error) {
    throw new HubError(`The download could not be saved: ${(error as Error).message}`);
  }
}

/** Whether the connection failed, rather than the repository or the disk: then the download is resumed. */
const isConnectionError = (error: unknown) =>
  error instanceof Error && !(error instanceof HubError) && !("statusCode" in error);

async function hashOf(path: string, { hash, size }: RemoteFile): Promise<string> {
  const made: Hash = hash.algorithm === "git" ? createHash("sha1").update(`blob ${size}\0`) : createHash("sha256");
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) made.update(bytes);
  return made.digest("hex");
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => -1,
  );
