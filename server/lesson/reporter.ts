// Reports a lesson's progress to the client, a few times a second at most. Each report holds the whole state, but of the loss
// curve only the points that are new since the last one.
import type { Lesson } from "../../protocol";

type Point = Lesson["curve"][number];

export interface LessonReporter {
  readonly last: Omit<Lesson, "curve">;
  /** Changes of `state` and `reason` are sent at once, others within `interval`. */
  update(parts: Partial<Omit<Lesson, "id" | "curve">>): void;
  addPoints(...points: Point[]): void;
  /** Sends what has not been sent yet. */
  flush(): void;
}

/** In milliseconds. */
const interval = 250;

export function createReporter(send: (lesson: Lesson) => void, first: Omit<Lesson, "curve">): LessonReporter {
  let lesson = first;
  let points: Point[] = [];
  let timer: NodeJS.Timeout | undefined;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    const curve = points;
    points = [];
    send({ ...lesson, curve });
  }

  const flushSoon = () => (timer ??= setTimeout(flush, interval));

  return {
    get last() {
      return lesson;
    },
    update(parts) {
      const { state, reason } = lesson;
      lesson = { ...lesson, ...parts };
      if (lesson.state !== state || lesson.reason !== reason) flush();
      else flushSoon();
    },
    addPoints(...more) {
      points.push(...more);
      flushSoon();
    },
    flush,
  };
}
