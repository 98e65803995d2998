// Asks for a Hugging Face repository and one of its models; the server downloads it and shows the progress.
import { window } from "vscode";
import { downloadModel, type RemoteModel, repository } from "../protocol";
import type { Server } from "./server";
import { showRefusal } from "./showProblem";
import { size } from "./words";

/** Returns the path of the downloaded model; undefined if the user cancelled or it failed, which is shown to the user. */
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
  if ("problem" in offered) return void showRefusal(offered.problem);
  const model = await pick(owned, offered.models);
  if (!model) return;

  const result = await server.request(downloadModel, { repository: owned, file: model.file });
  if ("problem" in result) return void showRefusal(result.problem);
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

/** The `owner/name` in a name or an address that was typed or pasted. */
function repositoryName(text: string): string | undefined {
  return /^(?:https:\/\/huggingface\.co\/)?([\w.-]+\/[\w.-]+?)(?:\/(?:tree|blob|resolve)\/.*|\/)?$/.exec(
    text.trim(),
  )?.[1];
}
