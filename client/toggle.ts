// "Toggle Completions" turns completions off and on everywhere. `glassbox.turnOn`, which the status bar and the language status
// offer, turns them on in the active editor.
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
