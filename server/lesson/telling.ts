// Tells the client how a lesson goes: what is new of its curve, and all else as it is; a few times a second at most.
import type { Lesson } from "../../protocol";

type Point = Lesson["curve"][number];

export interface Telling {
  readonly last: Omit<Lesson, "curve">;
  /** A change of the state is told at once. */
  change(parts: Partial<Omit<Lesson, "id" | "curve">>): void;
  add(...points: Point[]): void;
  /** What has not been told yet. */
  flush(): void;
}

/** In milliseconds. */
const pace = 250;

export function createTelling(send: (lesson: Lesson) => void, first: Omit<Lesson, "curve">): Telling {
  let lesson = first;
  let points: Point[] = [];
  let due: NodeJS.Timeout | undefined;

  function flush() {
    clearTimeout(due);
    due = undefined;
    const curve = points;
    points = [];
    send({ ...lesson, curve });
  }

  const soon = () => (due ??= setTimeout(flush, pace));

  return {
    get last() {
      return lesson;
    },
    change(parts) {
      const { state, reason } = lesson;
      lesson = { ...lesson, ...parts };
      if (lesson.state !== state || lesson.reason !== reason) flush();
      else soon();
    },
    add(...more) {
      points.push(...more);
      soon();
    },
    flush,
  };
}
