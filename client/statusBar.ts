// The status bar item: an icon and a name, a spinner while the model works, the progress of a running lesson, and a red
// background for errors. A click opens the menu.
import { MarkdownString, StatusBarAlignment, type StatusBarItem, ThemeColor, window, workspace } from "vscode";
import type { LessonView, Status } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import type { Off } from "./off";
import { adapterWords, progressLines, sentence, speed, summary, teaching } from "./words";

export function activate({ subscriptions, server, lessons, off }: GlassboxContext) {
  const item = window.createStatusBarItem("glassbox.status", StatusBarAlignment.Right, 100);
  item.name = "Glassbox";
  item.command = "glassbox.menu";
  const update = () => show(item, server.status, lessons.view, off.current);
  update();
  item.show();
  subscriptions.push(
    item,
    lessons.onChange(update),
    off.onChange(update), // fires for changes of the server's status too
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

function show(item: StatusBarItem, status: Status, view: LessonView | undefined, here: Off | undefined) {
  const lesson = view && isGoingOn(view) && status.state !== "error" ? view : undefined;
  const works = ["ready", "busy", "snoozed"].includes(status.state);
  const off = works ? here : undefined;
  item.text = lesson
    ? `$(${lesson.lesson!.state === "paused" ? "debug-pause" : "mortar-board"}) ${teaching(lesson)}`
    : `$(${off && status.state !== "snoozed" ? "circle-slash" : icons[status.state]}) Glassbox`;
  item.backgroundColor = status.state === "error" ? new ThemeColor("statusBarItem.errorBackground") : undefined;
  const lines = [off?.why ?? summary(status)];
  if (lesson) lines.unshift([`**${teaching(lesson)}**`, ...progressLines(lesson)].join("  \n"));
  if (status.device && status.state !== "error")
    lines.push(sentence(`Runs on ${status.device.name}: ${status.device.reason}`));
  if (adapterWords(status)) lines.push(`Adapters: ${escaped(adapterWords(status))}`);
  if (speed(status)) lines.push(`Last completion: ${speed(status)}`);
  if (!workspace.isTrusted)
    lines.push(
      "This workspace is not trusted, so the built-in model is used. [Trust…](command:workbench.trust.manage)",
    );
  if (status.problem && status.state !== "error") lines.push(`$(warning) ${status.problem.message}`);
  const mainLine = lines.at(lesson ? 1 : 0);
  if (off?.switch) lines.splice(lesson ? 2 : 1, 0, `[${off.switch.label}](command:glassbox.turnOn)`);
  item.tooltip = new MarkdownString(lines.join("\n\n"), true);
  item.tooltip.isTrusted = { enabledCommands: ["glassbox.turnOn", "workbench.trust.manage"] };
  item.accessibilityInformation = { label: `Glassbox: ${lesson ? `${teaching(lesson)}. ` : ""}${mainLine}` };
}

/** Escapes a name for Markdown. */
const escaped = (text: string) => text.replace(/[\\`*_{}[\]()#+\-.!<>|$~&]/g, "\\$&");
