// "Select Model…" lists the built-in and the downloaded models, opens a GGUF file or a model folder from disk, or downloads a
// model from a Hugging Face repository. The current model stays until the new one is loaded.
import { commands, type QuickPickItem, QuickPickItemKind, window } from "vscode";
import { type ModelDescription, models, selectModel } from "../protocol";
import type { GlassboxContext } from "./context";
import { download } from "./downloadModel";
import type { Server } from "./server";
import { change, settings } from "./settings";
import { showRefusal } from "./showProblem";
import { size } from "./words";

interface Choice extends QuickPickItem {
  /** Returns the path to load; undefined if the user cancelled. */
  path?: () => Promise<string | undefined>;
}

export function activate({ subscriptions, server }: GlassboxContext) {
  subscriptions.push(
    commands.registerCommand("glassbox.selectModel", async (path?: string) => {
      path ??= await choose(server);
      if (path !== undefined) await load(server, path);
    }),
  );
}

async function choose(server: Server): Promise<string | undefined> {
  const current = settings().get("model.path", "");
  const picked = await window.showQuickPick(choices(await server.request(models, {}), current, server), {
    title: "Glassbox: select a model",
    placeHolder: "It runs on this machine; nothing you write leaves it",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.path?.();
}

function choices(atHand: ModelDescription[], current: string, server: Server): Choice[] {
  return [
    separator("On this machine"),
    ...atHand.map(({ name, path, origin, folder, size: bytes }) => ({
      label: `$(${path === current ? "check" : "circuit-board"}) ${name}`,
      description: `${origin}, ${size(bytes)}`,
      detail: folder,
      path: async () => path,
    })),
    { label: "$(file) A GGUF file…", path: () => open({ canSelectFiles: true, filters: { GGUF: ["gguf"] } }) },
    {
      label: "$(folder) A Hugging Face model folder…",
      description: "config.json, tokenizer.json, safetensors",
      path: () => open({ canSelectFolders: true, canSelectFiles: false }),
    },
    separator("From the network"),
    { label: "$(cloud-download) A Hugging Face repository…", path: () => download(server) },
  ];
}

async function open(kind: { canSelectFiles: boolean; canSelectFolders?: boolean; filters?: Record<string, string[]> }) {
  const chosen = await window.showOpenDialog({ ...kind, title: "Select a Model", openLabel: "Select" });
  return chosen?.[0]?.fsPath;
}

async function load(server: Server, path: string) {
  const result = await server.request(selectModel, { path });
  if ("problem" in result) return showRefusal(result.problem);
  await change("model.path", result.model.path);
}

const separator = (label: string): Choice => ({ label, kind: QuickPickItemKind.Separator });
