// A click on the status bar item: what is going on in one line, and everything one can do about it.
import { commands, type ExtensionContext, type QuickPickItem, QuickPickItemKind, window } from "vscode";
import type { Server } from "./server";
import { enabledFor, isSource, settings } from "./settings";
import { toggleLanguage } from "./toggle";
import { summary } from "./words";

interface Entry extends QuickPickItem {
  run?: () => unknown;
}

export function activate(context: ExtensionContext, server: Server) {
  context.subscriptions.push(
    commands.registerCommand("glassbox.menu", async () => {
      const picked = await window.showQuickPick(entries(server), { title: `Glassbox: ${summary(server.status)}` });
      await picked?.run?.();
    }),
  );
}

function entries({ status }: Server): Entry[] {
  const command = (icon: string, label: string, id: string, ...rest: unknown[]): Entry => ({
    label: `$(${icon}) ${label}`,
    run: () => commands.executeCommand(id, ...rest),
  });
  const active = window.activeTextEditor?.document;
  const document = active && isSource(active) ? active : undefined;
  const on = settings().get("completions.enabled", true);
  const onHere = enabledFor(document);
  const list: Entry[] = [
    on
      ? command("circle-slash", "Turn Completions Off", "glassbox.toggleCompletions")
      : command("sparkle", "Turn Completions On", "glassbox.toggleCompletions"),
  ];
  if (on && document)
    list.push({
      label: `$(code) Turn Completions ${onHere ? "Off" : "On"} for ${document.languageId}`,
      run: () => toggleLanguage(document.languageId, !onHere),
    });
  list.push(
    status.state === "snoozed"
      ? command("bell", "End the Snooze", "glassbox.snooze", 0)
      : command("bell-slash", "Snooze…", "glassbox.snooze"),
    separator("Look inside"),
    command("search", "Show Prompt", "glassbox.showPrompt"),
    command("output", "Show Log", "glassbox.showLog"),
    separator("Set up"),
    { ...command("circuit-board", "Select Model…", "glassbox.selectModel"), description: status.model?.name },
    command("gear", "Settings", "workbench.action.openSettings", "@ext:glassbox.glassbox"),
    command("debug-restart", "Restart", "glassbox.restart"),
  );
  return list;
}

const separator = (label: string): Entry => ({ label, kind: QuickPickItemKind.Separator });
