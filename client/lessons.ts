// The lesson of this window, at most one: planned, running or done. All features that show or control it share this state.
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
import { extended, isGoingOn, isUnfinished } from "./lessonProgress";
import type { Server } from "./server";
import { showProblem } from "./showProblem";

export interface Lessons {
  readonly view: LessonView | undefined;
  readonly onChange: Event<LessonView | undefined>;
  open(view: LessonView): void;
  /** Opens a lesson that was open before the window was reloaded. */
  reopen(last: LessonView): void;
  /** Updates the outcome from the list of all adapters: the kept one may have another scale or be deleted. */
  adaptersChanged(adapters: Adapter[]): void;
  close(): void;
  change(changed: Partial<LessonView>): void;
  /** Returns false if it failed, which is shown to the user. */
  control(action: ControlLessonParams["action"], more?: { reason?: string; name?: string }): Promise<boolean>;
}

/** The key in the workspace state. */
const key = "lesson";

export function followLessons(context: ExtensionContext, server: Server): Lessons {
  const changed = new EventEmitter<LessonView | undefined>();
  let view: LessonView | undefined;
  /** False if the server must be asked for the lesson's place. */
  let placeKnown = true;

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
    show({ ...view, lesson: { ...lesson, curve }, detached: undefined });
  });
  server.listen(lessonPlace, ({ id, place }) => {
    if (id === view?.plan.id) setPlace(place);
  });

  function setPlace(place: LessonPlace) {
    if (place === "gone") return show(undefined);
    if (!view) return;
    const free = view.detached && isUnfinished(view) ? "interrupted" : undefined;
    show({ ...view, waiting: false, detached: place === "elsewhere" ? "elsewhere" : free });
  }

  /** Asks the server for the lesson's place, since another window may have opened or removed it. */
  async function requestPlace() {
    const id = view?.plan.id;
    if (id === undefined || !isUp(server.status)) return;
    placeKnown = true;
    const { place = "free" } = await server
      .request(controlLesson, { id, action: "look" })
      .catch((): ControlLessonResult => ({})); // the server is gone again
    if (view?.plan.id === id) setPlace(place);
  }

  context.subscriptions.push(
    changed,
    server.onStatus((status) => {
      if (!isUp(status) && view && (isGoingOn(view) || view.detached === "elsewhere")) {
        placeKnown = false;
        show({ ...view, detached: view.detached ?? "interrupted", waiting: true });
      } else if (!placeKnown) requestPlace();
    }),
  );

  const last = context.workspaceState.get<LessonView>(key);
  if (last) setImmediate(() => lessons.reopen(last)); // by then all features listen

  const lessons: Lessons = {
    get view() {
      return view;
    },
    onChange: changed.event,
    open: show,
    reopen(last) {
      if (view) return;
      placeKnown = false;
      show({ ...last, waiting: true, detached: isUnfinished(last) ? "interrupted" : undefined });
      requestPlace();
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
      if (problem) showProblem(problem, true);
      if (place) setPlace(place);
      if (problem && !kept) {
        lessons.change({ waiting: false });
        return false;
      }
      const started = action === "start" ? { lesson: view.lesson ?? begun(view.plan), detached: undefined } : {};
      const outcome = kept && { kept: kept.name, path: kept.path, scale: 1 };
      lessons.change({ waiting: false, ...started, ...(outcome && { outcome }) });
      return true;
    },
  };
  return lessons;
}

/** The part of the state that is restored when the window is reloaded. */
const unfinished = (view?: LessonView) => (view?.lesson && !view.outcome ? view : undefined);

const stageOf = (view?: LessonView) => JSON.stringify([view?.plan.id, view?.lesson?.state, view?.outcome]);

const isUp = ({ state }: Status) => state !== "starting" && state !== "error";

/** The state until the server's first notification. */
const begun = ({ id, steps, minutes }: LessonPlan): Lesson => ({
  ...{ id, state: "measuring", step: 0, steps, progress: 0, curve: [] },
  secondsLeft: minutes * 60,
});
