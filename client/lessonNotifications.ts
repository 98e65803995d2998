// Shows a notification when a lesson ends, fails or is interrupted while its panel is not visible.
import { commands, type Disposable, window } from "vscode";
import type { LessonView } from "../protocol";
import type { Lessons } from "./lessons";
import { outcome } from "./words";

export function showLessonNotifications(lessons: Lessons, isPanelVisible: () => boolean): Disposable {
  let last: string | undefined;
  return lessons.onChange((view) => {
    const notification = view && notificationFor(view);
    if (notification?.message === last) return;
    last = notification?.message;
    if (notification && !isPanelVisible()) show(notification);
  });

  async function show({ message, canResume, isWarning }: LessonNotification) {
    const show = isWarning ? window.showWarningMessage : window.showInformationMessage;
    const pressed = await show(message, ...(canResume ? ["Go On"] : []), "Show Lesson");
    if (pressed === "Go On") await lessons.control("start");
    else if (pressed) await commands.executeCommand("glassbox.showLesson");
  }
}

interface LessonNotification {
  message: string;
  isWarning: boolean;
  /** Whether the lesson can be resumed. */
  canResume: boolean;
}

function notificationFor({ lesson, detached, waiting, outcome: settled }: LessonView): LessonNotification | undefined {
  if (detached === "elsewhere" || (detached && waiting)) return undefined;
  if (detached === "interrupted") {
    const message = "The lesson was cut short, because its server ended. It can go on from its last checkpoint.";
    return { message, isWarning: true, canResume: true };
  }
  if (lesson?.state === "failed") {
    const message = `The lesson failed: ${lesson.reason ?? "the log says why"}`;
    return { message, isWarning: true, canResume: false };
  }
  if (lesson?.report && !settled)
    return { message: `The lesson is over. ${outcome(lesson.report)}.`, isWarning: false, canResume: false };
}
