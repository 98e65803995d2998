// What a Hugging Face repository offers.
import type { RepositoryParams, RepositoryResult } from "../../protocol";
import type { Context } from "../context";
import { listRepository } from "../models/repository";
import { problemOf } from "./downloadModel";

export async function repository(_: Context, { repository }: RepositoryParams): Promise<RepositoryResult> {
  try {
    const models = await listRepository(repository);
    if (models.length) return { models: models.map(({ files: _, ...model }) => model) };
    return problemOf(new Error(`${repository} holds no model in GGUF or safetensors.`));
  } catch (error) {
    return problemOf(error);
  }
}
