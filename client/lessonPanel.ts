// The lesson's panel: its plan, its progress, its report, and the buttons in it. There is one; closing it ends no lesson, and
// "Show Lesson" opens it again. After a window was reloaded it is there as it was.
import { commands, window } from "vscode";
import { controlLesson, type LessonAction, lessonView } from "../protocol";
import { changeAdapters } from "./adapters";
import type { GlassboxContext } from "./context";
import { exportLesson } from "./exportLesson";
import { tellNews } from "./lessonNews";
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
    tellNews(lessons, () => panel.visible),
    commands.registerCommand("glassbox.showLesson", panel.show),
  );
}

/** What the buttons do. */
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
        server.request(controlLesson, { id: lessons.view.plan.id, action: "discard" }).catch(() => {}); // it need not know
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
    { modal: true, detail: "It cannot be brought back. The model itself stays as it was." },
    "Discard",
  );
  if (!sure) return;
  await lessons.control("discard"); // where it could not be found, there is nothing to discard
  if (lessons.view?.lesson?.report) lessons.change({ outcome: "discarded" });
  else lessons.close();
}
