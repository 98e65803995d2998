// The models in a repository on the Hugging Face Hub. Each GGUF is a model, in one file or several parts. The safetensors
// files at the root are one model, together with its configuration and tokenizer.
import { basename } from "node:path/posix";
import { HubApiError, type ListFileEntry, listFiles } from "@huggingface/hub";
import type { RemoteModel } from "../../protocol";

export interface RemoteFile {
  path: string;
  size: number;
  /** The SHA-256 of a large file's content, or the SHA-1 of another file's git blob. */
  hash: { algorithm: "sha256" | "git"; value: string };
}

export interface OfferedModel extends RemoteModel {
  files: RemoteFile[];
}

/** A failure of the Hub or of a download. The message is a sentence for the user. */
export class HubError extends Error {
  override name = "HubError";
}

/** The address of a mirror, from HF_ENDPOINT as in the Hub's own tools; undefined for the Hub itself. */
export const hubUrl = (): string | undefined => process.env.HF_ENDPOINT?.replace(/\/$/, "") || undefined;

/** Throws HubError if the repository cannot be listed. */
export async function listRepository(repository: string, hub = hubUrl()): Promise<OfferedModel[]> {
  const files: RemoteFile[] = [];
  try {
    for await (const entry of listFiles({ repo: repository, recursive: true, hubUrl: hub }))
      if (entry.type === "file" && isSafe(entry.path)) files.push(remoteFile(entry));
  } catch (error) {
    throw hubError(error, repository);
  }
  return [...ggufModels(files), ...safetensorsModel(repository, files)];
}

function ggufModels(files: readonly RemoteFile[]): OfferedModel[] {
  const models = new Map<string, RemoteFile[]>();
  for (const file of files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj|imatrix/i.test(basename(path)))) {
    const name = file.path.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, "");
    models.set(
      name,
      [...(models.get(name) ?? []), file].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
  }
  return [...models].map(([name, files]) => ({
    name,
    file: files[0].path,
    size: sum(files),
    files,
    refused: refusal(name, files),
  }));
}

function refusal(name: string, files: readonly RemoteFile[]): string | undefined {
  const type = /[-._](i?q\d_\w+|iq\d\w*|tq\d_\d|mxfp4\w*)$/i.exec(name)?.[1].toUpperCase();
  if (type && !/^Q([2-6]_K(_[SML]|_XL)?|[45]_[01]|8_0)$/.test(type))
    return `Its weights are stored as ${type}, which cannot be read; choose one stored as Q4_K_M or Q8_0.`;
  const parts = Number(/-of-(\d{5})\.gguf$/i.exec(files[0].path)?.[1] ?? 1);
  if (parts !== files.length) return `It has ${parts} parts, and the repository holds ${files.length} of them.`;
}

function safetensorsModel(repository: string, files: readonly RemoteFile[]): OfferedModel[] {
  const wanted =
    /^(config|generation_config|tokenizer|tokenizer_config|.*\.safetensors\.index)\.json$|^[^/]*\.safetensors$/;
  const needed = files.filter(({ path }) => wanted.test(path));
  if (!needed.some(({ path }) => path.endsWith(".safetensors"))) return [];
  const missing = ["config.json", "tokenizer.json"].find((name) => !needed.some(({ path }) => path === name));
  return [
    {
      name: `${repository.split("/")[1]} (safetensors)`,
      file: "",
      size: sum(needed),
      files: needed,
      refused: missing && `It has no ${missing}, without which its weights cannot be used.`,
    },
  ];
}

/** Turns any error of the Hub's client into one with a sentence for the user. */
export function hubError(error: unknown, repository: string): HubError {
  if (error instanceof HubError) return error;
  if (!(error instanceof HubApiError)) {
    const reason =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
    return new HubError(`${repository} could not be reached (${reason}). Check the connection and try again.`);
  }
  const { statusCode } = error;
  if (statusCode === 404) return new HubError(`There is no repository ${repository}. Check its name: owner/name.`);
  if (statusCode === 401 || statusCode === 403)
    return new HubError(
      `${repository} is not public, or does not exist. Download it by hand and choose the file with Select Model.`,
    );
  return new HubError(`${repository} answered with an error: ${error.message}`);
}

const remoteFile = ({ path, size, oid, lfs }: ListFileEntry): RemoteFile => ({
  path,
  size: lfs?.size ?? size,
  hash: lfs ? { algorithm: "sha256", value: lfs.oid } : { algorithm: "git", value: oid ?? "" },
});

/** Whether the path stays below the folder that the files are saved in. */
const isSafe = (path: string) => !/^[/\\]|\\|:|(^|\/)\.\.?(\/|$)/.test(path);

const sum = (files: readonly RemoteFile[]) => files.reduce((sum, { size }) => sum + size, 0);
