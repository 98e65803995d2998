// One status bar item: an icon and a word, a spinner while the model works, how far a lesson is, a colour only when nothing
// can work. A click opens the menu.
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
    off.onChange(update), // also when the server's status is another
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
  if (adapterWords(status)) lines.push(`Taught: ${escaped(adapterWords(status))}`);
  if (speed(status)) lines.push(`Last completion: ${speed(status)}`);
  if (!workspace.isTrusted)
    lines.push(
      "This workspace is not trusted: its model is the built-in one. [Trust…](command:workbench.trust.manage)",
    );
  if (status.problem && status.state !== "error") lines.push(`$(warning) ${status.problem.message}`);
  const said = lines.at(lesson ? 1 : 0);
  if (off?.switch) lines.splice(lesson ? 2 : 1, 0, `[${off.switch.label}](command:glassbox.turnOn)`);
  item.tooltip = new MarkdownString(lines.join("\n\n"), true);
  item.tooltip.isTrusted = { enabledCommands: ["glassbox.turnOn", "workbench.trust.manage"] };
  item.accessibilityInformation = { label: `Glassbox: ${lesson ? `${teaching(lesson)}. ` : ""}${said}` };
}

/** A name that someone chose, in Markdown. */
const escaped = (text: string) => text.replace(/[\\`*_{}[\]()#+\-.!<>|$~&]/g, "\\$&");
