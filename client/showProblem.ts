// A problem as a notification with a button for the next step.
import { commands, window } from "vscode";
import type { Problem } from "../protocol";

const buttons: Record<Problem["action"], [label: string, command: string]> = {
  selectModel: ["Select Model…", "glassbox.selectModel"],
  restart: ["Restart", "glassbox.restart"],
  showLog: ["Show Log", "glassbox.showLog"],
  openSettings: ["Open Settings", "glassbox.openSettings"],
};

/** `isError`: as an error rather than a warning. */
export async function showProblem({ message, action }: Problem, isError: boolean) {
  const offered = [...new Set([action, "showLog" as const])];
  const show = isError ? window.showErrorMessage : window.showWarningMessage;
  const pressed = await show(message, ...offered.map((action) => buttons[action][0]));
  const button = Object.values(buttons).find(([label]) => label === pressed);
  if (button) await commands.executeCommand(button[1]);
}

/** Shows why a model cannot be used, with a button to choose another one. */
export const showRefusal = (problem: Problem) => showProblem({ ...problem, action: "selectModel" }, true);
