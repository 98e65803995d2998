// A problem is told once, as a notification with the button that leads on from it.
import { commands, window } from "vscode";
import type { Problem } from "../protocol";
import type { GlassboxContext } from "./context";

export function activate({ subscriptions, server }: GlassboxContext) {
  let told: string | undefined;
  subscriptions.push(
    server.onStatus(({ problem, state }) => {
      if (problem?.message === told) return;
      told = problem?.message;
      if (problem) tell(problem, state === "error");
    }),
  );
}

const buttons: Record<Problem["action"], [label: string, command: string]> = {
  selectModel: ["Select Model…", "glassbox.selectModel"],
  restart: ["Restart", "glassbox.restart"],
  showLog: ["Show Log", "glassbox.showLog"],
  openSettings: ["Open Settings", "glassbox.openSettings"],
};

export async function tell({ message, action }: Problem, stopped: boolean) {
  const offered = [...new Set([action, "showLog" as const])];
  const show = stopped ? window.showErrorMessage : window.showWarningMessage;
  const pressed = await show(message, ...offered.map((action) => buttons[action][0]));
  const button = Object.values(buttons).find(([label]) => label === pressed);
  if (button) await commands.executeCommand(button[1]);
}
