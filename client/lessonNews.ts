// A lesson that ends, fails or is cut short while its panel is out of sight is told in a notification.
import { commands, type Disposable, window } from "vscode";
import type { LessonView } from "../protocol";
import type { Lessons } from "./lessons";
import { outcome } from "./words";

export function tellNews(lessons: Lessons, isInSight: () => boolean): Disposable {
  let told: string | undefined;
  return lessons.onChange((view) => {
    const news = view && newsOf(view);
    if (news?.message === told) return;
    told = news?.message;
    if (news && !isInSight()) offer(news);
  });

  async function offer({ message, again, bad }: News) {
    const show = bad ? window.showWarningMessage : window.showInformationMessage;
    const pressed = await show(message, ...(again ? ["Go On"] : []), "Show Lesson");
    if (pressed === "Go On") await lessons.control("start");
    else if (pressed) await commands.executeCommand("glassbox.showLesson");
  }
}

interface News {
  message: string;
  bad: boolean;
  /** The lesson can go on. */
  again: boolean;
}

function newsOf({ lesson, interrupted, elsewhere, waiting, outcome: settled }: LessonView): News | undefined {
  if (elsewhere || (interrupted && waiting)) return undefined;
  if (interrupted) {
    const message = "The lesson was cut short, because its server ended. It can go on from its last checkpoint.";
    return { message, bad: true, again: true };
  }
  if (lesson?.state === "failed") {
    const message = `The lesson failed: ${lesson.reason ?? "the log tells why"}`;
    return { message, bad: true, again: false };
  }
  if (lesson?.report && !settled)
    return { message: `The lesson is over. ${outcome(lesson.report)}.`, bad: false, again: false };
}
