// "Export Training Job…" writes a folder that a larger machine can run. The resulting adapter can be imported.
import { commands, Uri, window, workspace } from "vscode";
import { exportLesson as exportRequest, type LessonPlan } from "../protocol";
import type { Server } from "./server";
import { showProblem } from "./showProblem";

export async function exportLesson(server: Server, { id }: LessonPlan) {
  const start = workspace.workspaceFolders?.[0]?.uri;
  const chosen = await window.showSaveDialog({
    title: "Export Training Job: a Folder to Write",
    saveLabel: "Export",
    defaultUri: start && Uri.joinPath(start, "..", `${workspace.name}-training`),
  });
  if (!chosen) return;
  const result = await server.request(exportRequest, { id, folder: chosen.fsPath });
  if ("problem" in result) return showProblem(result.problem, true);
  const pressed = await window.showInformationMessage(
    `The training job is in ${chosen.fsPath}. Its README.md says how to run it. Import the resulting adapter with Adapters….`,
    "Open README.md",
  );
  if (pressed) await commands.executeCommand("markdown.showPreview", Uri.joinPath(chosen, "README.md"));
}
