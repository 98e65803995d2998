// Which model of which Hugging Face repository; the server fetches it and shows how far it is.
import { window } from "vscode";
import { downloadModel, type RemoteModel, repository } from "../protocol";
import { refuse } from "./selectModel";
import type { Server } from "./server";
import { size } from "./words";

/** The path of the model on disk, when it is there and whole. */
export async function download(server: Server): Promise<string | undefined> {
  const name = await window.showInputBox({
    title: "Glassbox: download a model",
    prompt: "A repository on Hugging Face: owner/name, or its address",
    placeHolder: "Qwen/Qwen2.5-Coder-0.5B-GGUF",
    validateInput: (text) => (!text || repositoryName(text) ? undefined : "A repository is named owner/name"),
  });
  const owned = repositoryName(name ?? "");
  if (!owned) return;

  const offered = await server.request(repository, { repository: owned });
  if ("problem" in offered) return void refuse(offered.problem);
  const model = await pick(owned, offered.models);
  if (!model) return;

  const result = await server.request(downloadModel, { repository: owned, file: model.file });
  if ("problem" in result) return void refuse(result.problem);
  return "path" in result ? result.path : undefined;
}

async function pick(repository: string, models: RemoteModel[]): Promise<RemoteModel | undefined> {
  const items = models.map((model) => ({
    label: `$(${model.refused ? "circle-slash" : "cloud-download"}) ${model.name}`,
    description: size(model.size),
    detail: model.refused,
    model,
  }));
  const picked = await window.showQuickPick(items, { title: `Glassbox: ${repository}`, matchOnDescription: true });
  return picked?.model;
}

/** `owner/name` out of what was typed or pasted. */
function repositoryName(text: string): string | undefined {
  return /^(?:https:\/\/huggingface\.co\/)?([\w.-]+\/[\w.-]+?)(?:\/(?:tree|blob|resolve)\/.*|\/)?$/.exec(
    text.trim(),
  )?.[1];
}
