// The lesson's panel: the plan, the progress, the report, and their buttons. There is one panel. Closing it does not end the
// lesson; "Show Lesson" opens it again. It is restored when the window is reloaded.
import { commands, window } from "vscode";
import { controlLesson, type LessonAction, lessonView } from "../protocol";
import { changeAdapters } from "./adapters";
import type { GlassboxContext } from "./context";
import { exportLesson } from "./exportLesson";
import { showLessonNotifications } from "./lessonNotifications";
import type { Lessons } from "./lessons";
import { createPanel } from "./panel";

export function activate(context: GlassboxContext) {
  const { subscriptions, lessons } = context;
  const panel = createPanel(context, lessonView, {
    data: () => lessons.view,
    title: ({ workspace }) => `Lesson: ${workspace}`,
    act: actions(context),
    restore: ({ view }) => lessons.reopen(view),
  });
  subscriptions.push(
    lessons.onChange(panel.update),
    showLessonNotifications(lessons, () => panel.visible),
    commands.registerCommand("glassbox.showLesson", panel.show),
  );
}

/** Handles the buttons. */
function actions(context: GlassboxContext) {
  const { server, lessons } = context;

  async function setScale(scale: number) {
    const { outcome } = lessons.view!;
    if (typeof outcome !== "object" || !outcome.path) return;
    await changeAdapters(context, { action: "use", path: outcome.path, scale });
  }

  return async (message: LessonAction) => {
    if (!lessons.view) return;
    switch (message.action) {
      case "keep":
        if ((await lessons.control("keep", { name: message.name })) && message.scale !== 1)
          await setScale(message.scale);
        return;
      case "scale":
        return setScale(message.scale);
      case "discard":
        return discard(lessons);
      case "cancel":
        server.request(controlLesson, { id: lessons.view.plan.id, action: "discard" }).catch(() => {}); // the server removes the plan later in any case
        return lessons.close();
      case "export":
        return exportLesson(server, lessons.view.plan);
      case "adapters":
        return commands.executeCommand("glassbox.adapters");
      case "showLog":
        return commands.executeCommand("glassbox.showLog");
      default:
        return lessons.control(message.action);
    }
  };
}

async function discard(lessons: Lessons) {
  const sure = await window.showWarningMessage(
    "Discard what the model has learned in this lesson?",
    { modal: true, detail: "This cannot be undone. The model itself stays unchanged." },
    "Discard",
  );
  if (!sure) return;
  await lessons.control("discard"); // false also if the lesson's files are gone already
  if (lessons.view?.lesson?.report) lessons.change({ outcome: "discarded" });
  else lessons.close();
}
