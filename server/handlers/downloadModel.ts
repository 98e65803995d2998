// Downloads a model from a Hugging Face repository, with progress that the user can cancel.

import { join } from "node:path";
import type { DownloadModelParams, DownloadModelResult } from "../../protocol";
import type { Context } from "../context";
import { download } from "../models/download";
import { downloads } from "../models/models";
import { HubError, listRepository } from "../models/repository";
import { problemOf } from "../problem";

export async function downloadModel(
  { connection, storage }: Context,
  { repository, file }: DownloadModelParams,
): Promise<DownloadModelResult> {
  const stopped = new AbortController();
  const progress = await connection.window.createWorkDoneProgress();
  progress.token.onCancellationRequested(() => stopped.abort());
  progress.begin("Downloading the model", 0, repository, true);
  try {
    if (!storage) throw new HubError("This editor gave Glassbox no folder to keep models in.");
    const model = (await listRepository(repository)).find((model) => model.file === file);
    if (!model) throw new HubError(`${repository} has no model ${file || "in safetensors"}.`);
    if (model.refused) throw new HubError(`${model.name}: ${model.refused}`);
    let shown = -1;
    const onProgress = (bytes: number) => {
      const percent = Math.floor((bytes / model.size) * 100);
      if (percent > shown)
        progress.report((shown = percent), `${model.name}, ${megabytes(bytes)} of ${megabytes(model.size)} MB`);
    };
    const folder = join(downloads(storage), repository);
    return { path: await download(repository, model, { folder, signal: stopped.signal, onProgress }) };
  } catch (error) {
    return stopped.signal.aborted ? { cancelled: true } : { problem: problemOf(error, "selectModel") };
  } finally {
    progress.done();
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6).toLocaleString("en");
