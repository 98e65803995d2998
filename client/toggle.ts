// "Toggle Completions" turns them off and on everywhere; the menu can do it for one language.
import { commands } from "vscode";
import type { GlassboxContext } from "./context";
import { change, settings } from "./settings";

export function activate({ subscriptions }: GlassboxContext) {
  subscriptions.push(
    commands.registerCommand("glassbox.toggleCompletions", () =>
      change("completions.enabled", !settings().get("completions.enabled", true)),
    ),
  );
}

export async function toggleLanguage(language: string, on: boolean) {
  const { globalValue, workspaceValue } = settings().inspect<Record<string, boolean>>("completions.languages") ?? {};
  await change("completions.languages", { ...(workspaceValue ?? globalValue), [language]: on });
}
