// "Teach on This Workspace" asks for the source, the kind of adapter and the time, requests a plan, and shows it. Training starts
// only when the user presses Start there.
import { commands, ProgressLocation, type QuickPickItem, window, workspace } from "vscode";
import { type AdapterKind, type LessonSource, type LessonView, planLesson, readFile } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import type { Lessons } from "./lessons";
import type { Server } from "./server";
import { showProblem } from "./showProblem";
import { listFiles, readWorkspaceFile } from "./workspaceFiles";

export function activate({ subscriptions, server, lessons }: GlassboxContext) {
  server.answer(readFile, readWorkspaceFile);
  subscriptions.push(commands.registerCommand("glassbox.teach", () => teach(server, lessons)));
}

async function teach(server: Server, lessons: Lessons) {
  if (!workspace.isTrusted)
    return offer("A lesson needs a workspace that you trust.", "Manage Trust", "workbench.trust.manage");
  if (!workspace.workspaceFolders?.length)
    return offer("A lesson learns from a folder's files. Open a folder first.", "Open Folder…", "vscode.openFolder");
  const unfinished = lessons.view && whyNoOther(lessons.view);
  if (unfinished) return offer(unfinished, "Show Lesson", "glassbox.showLesson");

  const source = await ask("What to Learn From", 1, sources);
  const pairs = source === "pairs" ? await choosePairs() : undefined;
  if (!source || (source === "pairs" && !pairs)) return;
  const adapter = await ask("What to Train", 2, kinds);
  const minutes = adapter && (await ask("How Long It May Take", 3, lengths));
  if (!adapter || !minutes) return;

  const result = await server.request(planLesson, {
    source: pairs ?? { kind: "files", ...(await findFiles()), changes: source === "changes" },
    adapter,
    minutes,
  });
  if ("problem" in result) return showProblem(result.problem, true);
  if ("cancelled" in result) return;

  if (lessons.view && isGoingOn(lessons.view)) return; // a lesson was started meanwhile; its panel stays
  const { model, device } = server.status;
  lessons.open({ workspace: workspace.name ?? "this workspace", model: model?.name, device, plan: result.plan });
  await commands.executeCommand("glassbox.showLesson");
}

/** The reason why another lesson cannot be planned now, for the user. */
function whyNoOther(view: LessonView): string | undefined {
  if (view.detached === "elsewhere") return undefined;
  if (isGoingOn(view)) return "A lesson is running already.";
  if (view.detached === "interrupted") return "A lesson was interrupted. Go on with it or discard it first.";
  if (view.lesson?.report && !view.outcome) return "Keep or discard the result of the last lesson first.";
}

interface Choice<T> extends QuickPickItem {
  value: T;
}

const sources: Choice<"files" | "changes" | "pairs">[] = [
  {
    label: "$(files) This workspace",
    description: "recommended",
    detail: "Its files, except ignored, generated, secret or copied ones. You see the list before the lesson starts.",
    value: "files",
  },
  {
    label: "$(git-commit) This workspace and its last changes",
    detail: "Its files, and the last commits that changed them, from git log.",
    value: "changes",
  },
  {
    label: "$(comment-discussion) Prompts and responses…",
    detail: 'A JSONL file with {"prompt": "…", "response": "…"} on each line. The responses are learned.',
    value: "pairs",
  },
];

const kinds: Choice<AdapterKind>[] = [
  {
    label: "$(mortar-board) LoRA",
    description: "learns most · recommended",
    detail: "Small changes in every layer. Replay data is mixed in so that the model forgets little.",
    value: "lora",
  },
  {
    label: "$(circuit-board) LoRAMoE",
    description: "forgets least",
    detail: "Experts for this workspace, and others that preserve what the model knew. Slower.",
    value: "loramoe",
  },
];

const lengths: Choice<number>[] = [
  { label: "20 minutes", description: "recommended: enough for some hundred files", value: 20 },
  { label: "5 minutes", description: "a first try", value: 5 },
  { label: "60 minutes", description: "for a large workspace, while you do something else", value: 60 },
];

async function choosePairs(): Promise<LessonSource | undefined> {
  const [file] =
    (await window.showOpenDialog({ title: "Learn the responses of", filters: { "JSON lines": ["jsonl"] } })) ?? [];
  if (!file) return undefined;
  const lines = new TextDecoder().decode(await workspace.fs.readFile(file));
  return { kind: "pairs", name: file.path.slice(file.path.lastIndexOf("/") + 1), lines };
}

function findFiles() {
  const progress = { location: ProgressLocation.Window, title: "$(mortar-board) Looking for files" };
  return window.withProgress(progress, listFiles);
}

async function ask<T>(what: string, step: number, choices: Choice<T>[]): Promise<T | undefined> {
  const title = `Teach: ${what} (${step}/3)`;
  const placeHolder = "The model learns on this machine while you work; nothing leaves it";
  return (await window.showQuickPick(choices, { title, placeHolder }))?.value;
}

async function offer(message: string, button: string, command: string) {
  if (await window.showInformationMessage(message, button)) await commands.executeCommand(command);
}
