// The lesson that is planned, given or has ended: there is one at most. Whoever shows it or holds it up asks here.
import { commands, type Event, EventEmitter, type ExtensionContext } from "vscode";
import {
  type Adapter,
  type ControlLessonParams,
  type ControlLessonResult,
  controlLesson,
  type Lesson,
  type LessonPlace,
  type LessonPlan,
  type LessonView,
  lesson as lessonNotification,
  lessonPlace,
  type Status,
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
  /** These are all adapters there are: one that was kept from the lesson may be used otherwise, or be deleted. */
  adaptersChanged(adapters: Adapter[]): void;
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
  /** Whether the server is to be asked where the lesson is. */
  let lookedFor = true;

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
    show({ ...view, lesson: { ...lesson, curve }, interrupted: false, elsewhere: false });
  });
  server.listen(lessonPlace, ({ id, place }) => {
    if (id === view?.plan.id) placed(place);
  });

  function placed(place: LessonPlace) {
    if (place === "gone") return show(undefined);
    if (view) show({ ...view, waiting: false, elsewhere: place === "elsewhere" });
  }

  /** Another window may have the lesson, or have settled it: nothing can be done until the server has answered. */
  async function look() {
    const id = view?.plan.id;
    if (id === undefined || !isUp(server.status)) return;
    lookedFor = true;
    const { place = "free" } = await server
      .request(controlLesson, { id, action: "look" })
      .catch((): ControlLessonResult => ({})); // the server is gone again
    if (view?.plan.id === id) placed(place);
  }

  context.subscriptions.push(
    changed,
    server.onStatus((status) => {
      if (!isUp(status) && view && isGoingOn(view)) {
        lookedFor = false;
        show({ ...view, interrupted: true, waiting: true });
      } else if (!lookedFor) look();
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
    reopen(left) {
      if (view) return;
      lookedFor = false;
      show({ ...left, waiting: true, interrupted: left.interrupted || isGoingOn(left) });
      look();
    },
    adaptersChanged(adapters) {
      const outcome = view?.outcome;
      if (typeof outcome !== "object") return;
      const kept = adapters.find(({ path }) => path === outcome.path);
      lessons.change({ outcome: { ...outcome, path: kept?.path, scale: kept?.scale ?? 0 } });
    },
    close: () => show(undefined),
    change: (changed) => view && show({ ...view, ...changed }),
    async control(action, more) {
      if (!view) return false;
      const { id } = view.plan;
      lessons.change({ waiting: true });
      const { kept, place, problem } = await server
        .request(controlLesson, { id, action, ...more })
        .catch((error): ControlLessonResult => {
          return { problem: { message: `The lesson: ${error.message}`, action: "showLog" } };
        });
      if (view?.plan.id !== id) return false;
      if (problem) tell(problem, true);
      if (place) placed(place);
      if (problem && !kept) {
        lessons.change({ waiting: false });
        return false;
      }
      const started = action === "start" ? { lesson: view.lesson ?? begun(view.plan), interrupted: false } : {};
      const outcome = kept && { kept: kept.name, path: kept.path, scale: 1 };
      lessons.change({ waiting: false, ...started, ...(outcome && { outcome }) });
      return true;
    },
  };
  return lessons;
}

/** What a window that is opened again must know of. */
const unfinished = (view?: LessonView) => (view?.lesson && !view.outcome ? view : undefined);

const stageOf = (view?: LessonView) => JSON.stringify([view?.plan.id, view?.lesson?.state, view?.outcome]);

const isUp = ({ state }: Status) => state !== "starting" && state !== "error";

/** Until the server has more to tell. */
const begun = ({ id, steps, minutes }: LessonPlan): Lesson => ({
  ...{ id, state: "measuring", step: 0, steps, progress: 0, curve: [] },
  secondsLeft: minutes * 60,
});
