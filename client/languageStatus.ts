// Behind the `{}` of the status bar: the model with its speed, the device with the reason for it, and a lesson while it is
// going on.
import { Disposable, type LanguageStatusItem, LanguageStatusSeverity, languages } from "vscode";
import type { LessonView, Status } from "../protocol";
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import { progressLines, speed, summary, teaching } from "./words";

export function activate({ subscriptions, server, lessons }: GlassboxContext) {
  const everywhere = [{ pattern: "**" }];
  const model = languages.createLanguageStatusItem("glassbox.model", everywhere);
  const device = languages.createLanguageStatusItem("glassbox.device", everywhere);
  model.name = "Glassbox Model";
  device.name = "Glassbox Device";
  model.command = { command: "glassbox.selectModel", title: "Select Model…" };
  device.command = { command: "workbench.action.openSettings", title: "Change…", arguments: ["glassbox.device"] };

  const update = (status: Status) => {
    model.busy = status.state === "starting" || status.state === "loading";
    model.severity = severity(status);
    model.text =
      status.state === "ready" || status.state === "busy" ? (status.model?.name ?? "Ready") : summary(status);
    model.detail = status.problem && status.state !== "error" ? status.problem.message : speed(status);
    device.text = status.device?.name ?? "No device yet";
    device.detail = status.device?.reason;
  };
  update(server.status);
  let lesson: LanguageStatusItem | undefined;
  const updateLesson = (view: LessonView | undefined) => {
    if (!view || !isGoingOn(view)) {
      lesson?.dispose();
      lesson = undefined;
      return;
    }
    lesson ??= languages.createLanguageStatusItem("glassbox.lesson", everywhere);
    lesson.name = "Glassbox Lesson";
    lesson.command = { command: "glassbox.showLesson", title: "Show Lesson" };
    lesson.text = teaching(view);
    lesson.detail = progressLines(view).join(", ");
  };
  subscriptions.push(
    model,
    device,
    server.onStatus(update),
    lessons.onChange(updateLesson),
    new Disposable(() => lesson?.dispose()),
  );
}

function severity({ state, problem }: Status): LanguageStatusSeverity {
  if (state === "error") return LanguageStatusSeverity.Error;
  return problem ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
}
