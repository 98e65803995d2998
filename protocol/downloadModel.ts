// Client → server: list the models of a Hugging Face repository, and download one of them into the storage. A download resumes
// where it stopped, and its hash is verified. Progress is shown by `window/workDoneProgress`, and can be cancelled.
import type { Request } from "./message";
import type { Problem } from "./status";

export interface RepositoryParams {
  /** `owner/name`. */
  repository: string;
}

/** One model of a repository. */
export interface RemoteModel {
  name: string;
  /** The path of its (first) GGUF file in the repository; "" for the safetensors model. */
  file: string;
  /** The size of the download in bytes. */
  size: number;
  /** Why it cannot be used, as a sentence for the user, if that is known before the download. */
  refused?: string;
}

export type RepositoryResult = { models: RemoteModel[] } | { problem: Problem };

export const repository = "glassbox/repository" as Request<RepositoryParams, RepositoryResult>;

export interface DownloadModelParams extends RepositoryParams {
  file: string;
}

/** `path` is the one to pass to `selectModel`. */
export type DownloadModelResult = { path: string } | { problem: Problem } | { cancelled: true };

export const downloadModel = "glassbox/downloadModel" as Request<DownloadModelParams, DownloadModelResult>;
