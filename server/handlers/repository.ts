// Lists the models of a Hugging Face repository.
import type { RepositoryParams, RepositoryResult } from "../../protocol";
import type { Context } from "../context";
import { HubError, listRepository } from "../models/repository";
import { problemOf } from "../problem";

export async function repository(_: Context, { repository }: RepositoryParams): Promise<RepositoryResult> {
  try {
    const models = await listRepository(repository);
    if (!models.length) throw new HubError(`${repository} holds no model in GGUF or safetensors.`);
    return { models: models.map(({ files: _, ...model }) => model) };
  } catch (error) {
    return { problem: problemOf(error, "selectModel") };
  }
}
