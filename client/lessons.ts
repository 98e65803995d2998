// The lesson that is planned, given or has ended: there is one at most. Whoever shows it or holds it up asks here.
import { commands, type Event, EventEmitter, type ExtensionContext } from "vscode";
import {
  type ControlLessonParams,
  type ControlLessonResult,
  controlLesson,
  type Lesson,
  type LessonPlan,
  type LessonView,
  lesson as lessonNotification,
} from "../protocol";
import { extended, isGoingOn } from "./lessonProgress";
import { tell } from "./problems";
import type { Server } from "./server";

export interface Lessons {
  readonly view: LessonView | undefined;
  readonly onChange: Event<LessonView | undefined>;
  open(view: LessonView): void;
  /** One that was there before the window was reloaded. */
  reopen(left: LessonView): void;
  close(): void;
  change(changed: Partial<LessonView>): void;
  /** False, and the user was told why, where it could not be done. */
  control(action: ControlLessonParams["action"], more?: { reason?: string; name?: string }): Promise<boolean>;
}

/** In the workspace's state. */
const key = "lesson";

export function followLessons(context: ExtensionContext, server: Server): Lessons {
  const changed = new EventEmitter<LessonView | undefined>();
  let view: LessonView | undefined;

  function show(next: LessonView | undefined) {
    if (stageOf(next) !== stageOf(view)) {
      context.workspaceState.update(key, unfinished(next));
      commands.executeCommand("setContext", "glassbox.lesson", next !== undefined);
    }
    view = next;
    changed.fire(next);
  }

  server.listen(lessonNotification, (lesson) => {
    if (lesson.id !== view?.plan.id) return;
    const curve = extended(view.lesson?.curve ?? [], lesson.curve);
    show({ ...view, lesson: { ...lesson, curve }, interrupted: false });
  });

  context.subscriptions.push(
    changed,
    server.onStatus(({ state }) => {
      const gone = state === "starting" || state === "error";
      if (gone && view && isGoingOn(view)) show({ ...view, interrupted: true });
    }),
  );

  const left = context.workspaceState.get<LessonView>(key);
  if (left) setImmediate(() => lessons.reopen(left)); // all listen then

  const lessons: Lessons = {
    get view() {
      return view;
    },
    onChange: changed.event,
    open: show,
    reopen: (left) => view ?? show({ ...left, waiting: false, interrupted: left.interrupted || isGoingOn(left) }),
    close: () => show(undefined),
    change: (changed) => view && show({ ...view, ...changed }),
    async control(action, more) {
      if (!view) return false;
      const { id } = view.plan;
      lessons.change({ waiting: true });
      const { adapter, problem } = await server
        .request(controlLesson, { id, action, ...more })
        .catch((error): ControlLessonResult => {
          return { problem: { message: `The lesson: ${error.message}`, action: "showLog" } };
        });
      if (view?.plan.id !== id) return false;
      if (problem) tell(problem, true);
      if (problem && !adapter) {
        lessons.change({ waiting: false });
        return false;
      }
      const started = action === "start" ? { lesson: view.lesson ?? begun(view.plan), interrupted: false } : {};
      const kept = action === "keep" ? { outcome: { kept: more?.name ?? "", path: adapter, scale: 1 } } : {};
      lessons.change({ waiting: false, ...started, ...kept });
      return true;
    },
  };
  return lessons;
}

/** What a window that is opened again must know of. */
const unfinished = (view?: LessonView) => (view?.lesson && !view.outcome ? view : undefined);

const stageOf = (view?: LessonView) => JSON.stringify([view?.plan.id, view?.lesson?.state, view?.outcome]);

/** Until the server has more to tell. */
const begun = ({ id, steps }: LessonPlan): Lesson => ({ id, state: "measuring", step: 0, steps, curve: [] });
