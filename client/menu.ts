// The menu behind the status bar item: the state in its title, and all commands.
import { commands, type QuickPickItem, QuickPickItemKind, window, workspace } from "vscode";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import type { Lessons } from "./lessons";
import { languageName, type Off, switchLanguage } from "./off";
import { adapterWords, summary, teaching } from "./words";

interface Entry extends QuickPickItem {
  run?: () => unknown;
}

export function activate(context: GlassboxContext) {
  const { subscriptions, server, lessons } = context;
  subscriptions.push(
    commands.registerCommand("glassbox.menu", async () => {
      const { view } = lessons;
      const doing = view && isGoingOn(view) ? teaching(view) : summary(server.status);
      const picked = await window.showQuickPick(entries(context), { title: `Glassbox: ${doing}` });
      await picked?.run?.();
    }),
  );
}

function entries({ server: { status }, lessons, off }: GlassboxContext): Entry[] {
  const { isTrusted } = workspace;
  return [
    ...(status.state === "snoozed"
      ? [command("bell", "End the Snooze", "glassbox.snooze", 0)]
      : [...completionEntries(off.current), command("bell-slash", "Snooze…", "glassbox.snooze")]),
    separator("Teach"),
    ...(isTrusted
      ? [
          ...teachingEntries(lessons),
          { ...command("layers", "Adapters…", "glassbox.adapters"), description: adapterWords(status) },
        ]
      : [
          {
            ...command("shield", "Trust This Workspace…", "workbench.trust.manage"),
            detail: "Without trust there are no lessons, no adapters and no models but the built-in one.",
          },
        ]),
    separator("Look inside"),
    command("search", "Show Prompt", "glassbox.showPrompt"),
    command("output", "Show Log", "glassbox.showLog"),
    separator("Set up"),
    ...(isTrusted
      ? [{ ...command("circuit-board", "Select Model…", "glassbox.selectModel"), description: status.model?.name }]
      : []),
    command("gear", "Settings", "glassbox.openSettings"),
    command("debug-restart", "Restart", "glassbox.restart"),
  ];
}

/** The switch that turns completions on here, with the reason why they are off; otherwise the ways to turn them off. */
function completionEntries(off: Off | undefined): Entry[] {
  if (off?.switch) return [{ label: `$(sparkle) ${off.switch.label}`, detail: off.why, run: off.switch.run }];
  const everywhere = command("circle-slash", "Turn Completions Off", "glassbox.toggleCompletions");
  const document = window.activeTextEditor?.document;
  if (off || !document) return [everywhere];
  const label = `$(code) Turn Completions Off for ${languageName(document.languageId)}`;
  return [everywhere, { label, run: () => switchLanguage(document, false) }];
}

function teachingEntries({ view, control }: Lessons): Entry[] {
  if (!view) return [command("mortar-board", "Teach on This Workspace", "glassbox.teach")];
  const list = [command("graph-line", "Show Lesson", "glassbox.showLesson")];
  if (!isGoingOn(view)) {
    if (view.detached === "interrupted")
      list.push({ label: "$(debug-continue) Go On with the Lesson", run: () => control("start") });
    else list.push(command("mortar-board", "Teach on This Workspace", "glassbox.teach"));
    return list;
  }
  const { state } = view.lesson!;
  if (state === "stopping") return list;
  const paused = state === "paused";
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
