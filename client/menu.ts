// A click on the status bar item: what is going on in one line, and everything one can do about it.
import { commands, type QuickPickItem, QuickPickItemKind, window } from "vscode";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import type { Lessons } from "./lessons";
import type { Server } from "./server";
import { enabledFor, isSource, settings } from "./settings";
import { toggleLanguage } from "./toggle";
import { summary, teaching } from "./words";

interface Entry extends QuickPickItem {
  run?: () => unknown;
}

export function activate({ subscriptions, server, lessons }: GlassboxContext) {
  subscriptions.push(
    commands.registerCommand("glassbox.menu", async () => {
      const { view } = lessons;
      const doing = view && isGoingOn(view) ? teaching(view) : summary(server.status);
      const picked = await window.showQuickPick(entries(server, lessons), { title: `Glassbox: ${doing}` });
      await picked?.run?.();
    }),
  );
}

function entries({ status }: Server, lessons: Lessons): Entry[] {
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
    separator("Teach"),
    ...teachingEntries(lessons),
    command("layers", "Adapters…", "glassbox.adapters"),
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

function teachingEntries({ view, control }: Lessons): Entry[] {
  if (!view) return [command("mortar-board", "Teach on This Workspace", "glassbox.teach")];
  const list = [command("graph-line", "Show Lesson", "glassbox.showLesson")];
  if (!isGoingOn(view)) {
    if (view.interrupted) list.push({ label: "$(debug-continue) Go On with the Lesson", run: () => control("start") });
    else list.push(command("mortar-board", "Teach on This Workspace", "glassbox.teach"));
    return list;
  }
  const paused = view.lesson!.state === "paused";
  list.push(
    paused
      ? { label: "$(debug-continue) Resume the Lesson", run: () => control("resume") }
      : { label: "$(debug-pause) Pause the Lesson", run: () => control("pause") },
    { label: "$(debug-stop) Stop the Lesson and Measure It", run: () => control("stop") },
  );
  return list;
}

const command = (icon: string, label: string, id: string, ...rest: unknown[]): Entry => ({
  label: `$(${icon}) ${label}`,
  run: () => commands.executeCommand(id, ...rest),
});

const separator = (label: string): Entry => ({ label, kind: QuickPickItemKind.Separator });
