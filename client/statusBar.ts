// One status bar item: an icon and a word, a spinner while the model works, how far a lesson is, a colour only when nothing
// can work. A click opens the menu.
import { MarkdownString, StatusBarAlignment, type StatusBarItem, ThemeColor, window, workspace } from "vscode";
import type { LessonView, Status } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import { enabledFor } from "./settings";
import { progressLines, speed, summary, teaching } from "./words";

export function activate({ subscriptions, server, lessons }: GlassboxContext) {
  const item = window.createStatusBarItem("glassbox.status", StatusBarAlignment.Right, 100);
  item.name = "Glassbox";
  item.command = "glassbox.menu";
  const update = () => show(item, server.status, lessons.view, enabledFor(window.activeTextEditor?.document));
  update();
  item.show();
  subscriptions.push(
    item,
    server.onStatus(update),
    lessons.onChange(update),
    window.onDidChangeActiveTextEditor(update),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("glassbox.completions") && update()),
  );
}

const icons: Record<Status["state"], string> = {
  starting: "loading~spin",
  loading: "loading~spin",
  ready: "sparkle",
  busy: "loading~spin",
  snoozed: "bell-slash",
  error: "error",
};

function show(item: StatusBarItem, status: Status, view: LessonView | undefined, enabled: boolean) {
  const lesson = view && isGoingOn(view) && status.state !== "error" ? view : undefined;
  const idle = status.state === "ready" || status.state === "busy";
  const off = idle && !enabled;
  item.text = lesson
    ? `$(${lesson.lesson!.state === "paused" ? "debug-pause" : "mortar-board"}) ${teaching(lesson)}`
    : `$(${off ? "circle-slash" : icons[status.state]}) Glassbox`;
  item.backgroundColor = status.state === "error" ? new ThemeColor("statusBarItem.errorBackground") : undefined;
  const lines = [off ? "Completions are off here." : summary(status)];
  if (lesson) lines.unshift([`**${teaching(lesson)}**`, ...progressLines(lesson)].join("  \n"));
  if (status.device && status.state !== "error") lines.push(status.device.reason);
  if (speed(status)) lines.push(`Last completion: ${speed(status)}`);
  if (status.problem && status.state !== "error") lines.push(`$(warning) ${status.problem.message}`);
  item.tooltip = new MarkdownString(lines.join("\n\n"), true);
  item.accessibilityInformation = {
    label: `Glassbox: ${lesson ? `${teaching(lesson)}. ` : ""}${lines.at(lesson ? 1 : 0)}`,
  };
}
