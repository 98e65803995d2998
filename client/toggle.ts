// "Toggle Completions" turns them off and on everywhere; the menu can do it for one language.
import { commands, type ExtensionContext } from "vscode";
import { change, settings } from "./settings";

export function activate(context: ExtensionContext) {
  context.subscriptions.push(
    commands.registerCommand("glassbox.toggleCompletions", () =>
      change("completions.enabled", !settings().get("completions.enabled", true)),
    ),
  );
}

export async function toggleLanguage(language: string, on: boolean) {
  const { globalValue, workspaceValue } = settings().inspect<Record<string, boolean>>("completions.languages") ?? {};
  await change("completions.languages", { ...(workspaceValue ?? globalValue), [language]: on });
}
