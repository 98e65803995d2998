// "Adapters…" lists the adapters on this machine, from lessons or imported, and for each the actions on it. After an action
// the list is shown again until the user closes it.
import { homedir } from "node:os";
import { commands, type QuickPickItem, QuickPickItemKind, Uri, window } from "vscode";
import { type Adapter, adapters, type ChangeAdapterParams, changeAdapter } from "../protocol";
import type { GlassboxContext } from "./context";
import { showProblem } from "./showProblem";
import { adapterNames, losses, size } from "./words";

/** The parts of the context that changes of adapters need. The lessons are among them because the lesson's panel shows them. */
export type AdapterContext = Pick<GlassboxContext, "server" | "lessons">;

export function activate(context: GlassboxContext) {
  context.subscriptions.push(commands.registerCommand("glassbox.adapters", () => browse(context)));
}

async function browse(context: AdapterContext) {
  let list: Adapter[] | void = await context.server.request(adapters, {});
  while (list) {
    const picked: Entry | undefined = await window.showQuickPick(entries(list, context), {
      title: "Glassbox: adapters",
      placeHolder: list.length ? "Choose an adapter" : "There are no adapters yet",
      matchOnDescription: true,
    });
    if (!picked?.run) return;
    list = await picked.run();
  }
}

/** Returns all adapters afterwards; undefined if the change failed, which is shown to the user. */
export async function changeAdapters(
  { server, lessons }: AdapterContext,
  params: ChangeAdapterParams,
): Promise<Adapter[] | undefined> {
  const result = await server.request(changeAdapter, params);
  if ("problem" in result) return void showProblem(result.problem, true);
  lessons.adaptersChanged(result.adapters);
  return result.adapters;
}

interface Entry extends QuickPickItem {
  /** Returns the list to show next; undefined ends the command. */
  run?: () => Promise<Adapter[] | void>;
}

function entries(list: Adapter[], context: AdapterContext): Entry[] {
  return [
    ...list.map((adapter) => ({
      label: `$(${iconOf(adapter)}) ${adapter.name}`,
      description: `${adapter.scale ? `in use${scaled(adapter)} · ` : ""}for ${adapter.base}`,
      detail: detail(adapter),
      run: () => actOn(adapter, context),
    })),
    { label: "", kind: QuickPickItemKind.Separator },
    { label: "$(add) Import…", detail: "A GGUF file or a folder of peft's", run: () => importOne(context) },
    {
      label: "$(mortar-board) Teach on This Workspace",
      run: async () => void commands.executeCommand("glassbox.teach"),
    },
  ];
}

const iconOf = ({ scale, fits }: Adapter) => (scale ? "check" : fits ? "mortar-board" : "circle-slash");

const scaled = ({ scale }: Adapter) => (scale && scale !== 1 ? ` at scale ${scale}` : "");

function detail({ kind, made, report, size: bytes }: Adapter): string {
  const day = new Date(made).toLocaleDateString([], { dateStyle: "medium" });
  const learned = report ? [`held-out loss ${losses(report.heldOutLoss)}`] : [];
  return [adapterNames[kind], ...learned, day, size(bytes)].join(" · ");
}

async function actOn(adapter: Adapter, context: AdapterContext): Promise<Adapter[] | void> {
  const { path, scale, fits } = adapter;
  const change = (params: Omit<ChangeAdapterParams, "path">) => changeAdapters(context, { path, ...params });
  const actions: Entry[] = [];
  if (scale)
    actions.push({ label: "$(circle-slash) Stop Using It Here", run: () => change({ action: "use", scale: 0 }) });
  else if (fits)
    actions.push({ label: "$(check) Use It in This Workspace", run: () => change({ action: "use", scale: 1 }) });
  if (scale)
    actions.push({ label: "$(settings) Scale…", description: String(scale), run: () => askForScale(adapter, context) });
  actions.push(
    { label: "$(export) Export as GGUF…", description: "for llama.cpp", run: () => exportOne(adapter, context, true) },
    { label: "$(export) Export as a Folder…", description: "for peft", run: () => exportOne(adapter, context, false) },
  );
  if (fits) actions.push({ label: "$(git-merge) Merge into a New Model…", run: () => merge(adapter, context) });
  actions.push({ label: "$(trash) Delete…", run: () => remove(adapter, context) });
  const picked = await window.showQuickPick(actions, {
    title: `Glassbox: ${adapter.name}`,
    placeHolder: detail(adapter),
  });
  return picked?.run ? picked.run() : context.server.request(adapters, {});
}

async function askForScale({ name, path, scale }: Adapter, context: AdapterContext) {
  const text = await window.showInputBox({
    title: `Glassbox: the scale of ${name}`,
    prompt: "1 is as trained, 0 is off",
    value: String(scale),
    validateInput: (text) =>
      Number(text) >= 0 && Number(text) <= 2 && text.trim() ? undefined : "A number from 0 to 2",
  });
  if (text === undefined) return context.server.request(adapters, {});
  return changeAdapters(context, { action: "use", path, scale: Number(text) });
}

async function exportOne({ name, path }: Adapter, context: AdapterContext, gguf: boolean) {
  const target = await window.showSaveDialog({
    title: gguf ? "Export as GGUF" : "Export as a Folder for peft",
    saveLabel: "Export",
    defaultUri: Uri.file(`${homedir()}/${name}${gguf ? ".gguf" : ""}`),
    filters: gguf ? { GGUF: ["gguf"] } : undefined,
  });
  if (!target) return;
  const changed = await changeAdapters(context, { action: "export", path, target: target.fsPath });
  if (changed) window.showInformationMessage(`${name} was written to ${target.fsPath}.`);
}

async function merge({ name, base, path }: Adapter, context: AdapterContext) {
  const target = await window.showSaveDialog({
    title: `Merge ${base} and ${name}`,
    saveLabel: "Merge",
    defaultUri: Uri.file(`${homedir()}/${base}-${name}.gguf`),
    filters: { GGUF: ["gguf"] },
  });
  if (!target) return;
  if (!(await changeAdapters(context, { action: "merge", path, target: target.fsPath }))) return;
  const pressed = await window.showInformationMessage(
    `The merged model was written to ${target.fsPath}.`,
    "Use This Model",
  );
  if (pressed) await commands.executeCommand("glassbox.selectModel", target.fsPath);
}

async function remove({ name, path }: Adapter, context: AdapterContext) {
  const detail = "It is deleted for all workspaces.";
  const sure = await window.showWarningMessage(`Delete ${name}?`, { modal: true, detail }, "Delete");
  return sure ? changeAdapters(context, { action: "delete", path }) : context.server.request(adapters, {});
}

async function importOne(context: AdapterContext) {
  const kinds = [
    { label: "$(file) A GGUF File…", folder: false },
    { label: "$(folder) A Folder of peft's…", description: "adapter_config.json, safetensors", folder: true },
  ];
  const kind = await window.showQuickPick(kinds, { title: "Glassbox: import an adapter" });
  const chosen =
    kind &&
    (await window.showOpenDialog({
      title: "Import an Adapter",
      openLabel: "Import",
      canSelectFiles: !kind.folder,
      canSelectFolders: kind.folder,
      filters: kind.folder ? undefined : { GGUF: ["gguf"] },
    }));
  if (!chosen?.[0]) return context.server.request(adapters, {});
  return changeAdapters(context, { action: "import", path: chosen[0].fsPath });
}
