// Client → server: what a Hugging Face repository offers, and the download of one of its models into our storage, resumed
// where it stopped and checked by its hash. The server shows its progress by `window/workDoneProgress`, cancellable.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface RepositoryParams {
  /** `owner/name`. */
  repository: string;
}

/** One model of a repository. */
export interface RemoteModel {
  name: string;
  /** The GGUF's path in the repository (the first, where it has several parts); "" for its safetensors model. */
  file: string;
  /** To download, in bytes. */
  size: number;
  /** Why it cannot be used, where that is known beforehand. */
  refused?: string;
}

export type RepositoryResult = { models: RemoteModel[] } | { problem: Problem };

export const repository = "glassbox/repository" as Request<RepositoryParams, RepositoryResult>;

export interface DownloadModelParams extends RepositoryParams {
  file: string;
}

/** The path to hand to `selectModel`; neither where the user cancelled. */
export type DownloadModelResult = { path: string } | { problem: Problem } | { cancelled: true };

export const downloadModel = "glassbox/downloadModel" as Request<DownloadModelParams, DownloadModelResult>;
