// "Teach on This Workspace" asks what from, what kind of lesson and for how long, has it planned, and shows the plan. Nothing is
// learned before Start is pressed there.
import { commands, ProgressLocation, type QuickPickItem, window, workspace } from "vscode";
import { type AdapterKind, type LessonSource, type LessonView, planLesson, readFile } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import type { Lessons } from "./lessons";
import { tell } from "./problems";
import type { Server } from "./server";
import { listFiles, readWorkspaceFile } from "./workspaceFiles";

export function activate({ subscriptions, server, lessons }: GlassboxContext) {
  server.answer(readFile, readWorkspaceFile);
  subscriptions.push(commands.registerCommand("glassbox.teach", () => teach(server, lessons)));
}

async function teach(server: Server, lessons: Lessons) {
  if (!workspace.isTrusted)
    return offer("A lesson needs a workspace that you trust.", "Manage Trust", "workbench.trust.manage");
  if (!workspace.workspaceFolders?.length)
    return offer("A lesson is given on a folder's files. Open a folder first.", "Open Folder…", "vscode.openFolder");
  const unfinished = lessons.view && unfinishedBusiness(lessons.view);
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
  if ("problem" in result) return tell(result.problem, true);
  if ("cancelled" in result) return;

  if (lessons.view && isGoingOn(lessons.view)) return; // it was started meanwhile, and stays in sight
  const { model, device } = server.status;
  lessons.open({ workspace: workspace.name ?? "this workspace", model: model?.name, device, plan: result.plan });
  await commands.executeCommand("glassbox.showLesson");
}

/** Why there cannot be another lesson now. */
function unfinishedBusiness(view: LessonView): string | undefined {
  if (view.elsewhere) return undefined;
  if (isGoingOn(view)) return "A lesson is going on already.";
  if (view.interrupted) return "A lesson was cut short. Go on with it or discard it first.";
  if (view.lesson?.report && !view.outcome) return "Keep or discard first what was learned in the last lesson.";
}

interface Choice<T> extends QuickPickItem {
  value: T;
}

const sources: Choice<"files" | "changes" | "pairs">[] = [
  {
    label: "$(files) This workspace",
    description: "recommended",
    detail: "Its files, without what is ignored, generated, secret or copied; you see which before it starts.",
    value: "files",
  },
  {
    label: "$(git-commit) This workspace and its last changes",
    detail: "What was changed in these files, and why, as git log tells it.",
    value: "changes",
  },
  {
    label: "$(comment-discussion) Prompts and responses…",
    detail: 'A JSONL file with {"prompt": "…", "response": "…"} in each line. The responses are learned.',
    value: "pairs",
  },
];

const kinds: Choice<AdapterKind>[] = [
  {
    label: "$(mortar-board) LoRA",
    description: "learns most · recommended",
    detail: "Small changes in every layer, mixed with general text so that it forgets little.",
    value: "lora",
  },
  {
    label: "$(circuit-board) LoRAMoE",
    description: "forgets least",
    detail: "Experts for this workspace beside experts for what the model knew. Slower.",
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
