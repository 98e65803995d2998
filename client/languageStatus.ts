// The language status items, behind the `{}` in the status bar: the model with its speed, the device with the reason for it,
// why there are no completions here, and a running lesson.
import { type Disposable, type LanguageStatusItem, LanguageStatusSeverity, languages } from "vscode";
import type { LessonView, Status, WorkspaceStatus } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import { adapterWords, progressLines, sentence, speed, summary, teaching } from "./words";

const everywhere = [{ pattern: "**" }];

export function activate({ subscriptions, server, lessons, off }: GlassboxContext) {
  const model = languages.createLanguageStatusItem("glassbox.model", everywhere);
  const device = languages.createLanguageStatusItem("glassbox.device", everywhere);
  model.name = "Glassbox Model";
  device.name = "Glassbox Device";
  model.command = { command: "glassbox.selectModel", title: "Select Model…" };
  device.command = { command: "glassbox.openSettings", title: "Change…", arguments: ["device"] };

  const workspaceItem = passing("glassbox.workspace", "Glassbox Workspace");
  const update = (status: Status) => {
    model.busy = status.state === "starting" || status.state === "loading";
    model.severity = severity(status);
    model.text =
      status.state === "ready" || status.state === "busy" ? (status.model?.name ?? "Ready") : summary(status);
    const adapters = adapterWords(status) && `adapters: ${adapterWords(status)}`;
    const working = [adapters, speed(status)].filter(Boolean).join(" · ");
    model.detail = status.problem && status.state !== "error" ? status.problem.message : working;
    workspaceItem.show(status.workspace && workspaceWords(status.workspace));
    device.text = status.device?.name ?? "No device yet";
    device.detail = status.device && sentence(status.device.reason);
  };
  update(server.status);
  const lesson = passing("glassbox.lesson", "Glassbox Lesson");
  const updateLesson = (view: LessonView | undefined) =>
    lesson.show(
      view && isGoingOn(view)
        ? {
            text: teaching(view),
            detail: progressLines(view).join(", "),
            command: { command: "glassbox.showLesson", title: "Show Lesson" },
          }
        : undefined,
    );
  const completions = passing("glassbox.completions", "Glassbox Completions");
  const updateOff = () => {
    const { current } = off;
    const command = current?.switch && { command: "glassbox.turnOn", title: current.switch.label };
    completions.show(current && { text: current.why, command });
  };
  updateOff();
  subscriptions.push(
    model,
    device,
    workspaceItem,
    lesson,
    completions,
    server.onStatus(update),
    lessons.onChange(updateLesson),
    off.onChange(updateOff),
  );
}

/** How many files similar code is looked for in, and how many are left out, with the commonest reason. */
function workspaceWords({ building, files, leftOut }: WorkspaceStatus): Partial<LanguageStatusItem> {
  const [most] = leftOut.toSorted((a, b) => b.count - a.count);
  const all = leftOut.reduce((sum, { count }) => sum + count, 0);
  const detail = most && `${all} left out; ${most.count} of them: ${most.reason}`;
  return {
    text: building ? "Reading the workspace" : `${files} ${files === 1 ? "file" : "files"} known`,
    detail,
    busy: building,
  };
}

/** A status item that exists only while it has something to show. */
function passing(id: string, name: string): Disposable & { show(said?: Partial<LanguageStatusItem>): void } {
  let item: LanguageStatusItem | undefined;
  const dispose = () => {
    item?.dispose();
    item = undefined;
  };
  return {
    dispose,
    show(said) {
      if (!said) return dispose();
      item ??= languages.createLanguageStatusItem(id, everywhere);
      Object.assign(item, { command: undefined, ...said, name });
    },
  };
}

function severity({ state, problem }: Status): LanguageStatusSeverity {
  if (state === "error") return LanguageStatusSeverity.Error;
  return problem ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
}
