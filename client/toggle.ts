// "Toggle Completions" turns them off and on everywhere; `glassbox.turnOn`, behind what tells why there are none here, does
// what it takes to have them here.
import { commands, window } from "vscode";
import type { GlassboxContext } from "./context";
import { change, settings } from "./settings";

export function activate({ subscriptions, off }: GlassboxContext) {
  subscriptions.push(
    commands.registerCommand("glassbox.toggleCompletions", () => {
      const document = window.activeTextEditor?.document;
      return change("completions.enabled", !settings(document).get("completions.enabled"), document);
    }),
    commands.registerCommand("glassbox.turnOn", () => off.current?.switch?.run()),
  );
}
