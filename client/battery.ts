// Pauses the lesson while the machine runs on battery, and resumes it when the machine is plugged in. A lesson that the user
// resumes on battery is not paused again until then.
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import { isOnBattery } from "./power";

/** Milliseconds between two checks. */
const interval = 15_000;
const reason = "The machine runs on battery. The lesson resumes by itself when it is plugged in.";

export function activate({ subscriptions, lessons }: GlassboxContext) {
  let timer: NodeJS.Timeout | undefined;
  let paused: string | undefined; // the lesson that was paused since the machine runs on battery

  async function check() {
    const onBattery = await isOnBattery();
    const { view } = lessons;
    if (!view || !isGoingOn(view)) return;
    const { id, state, reason: why } = view.lesson!;
    if (!onBattery) {
      paused = undefined;
      if (state === "paused" && why === reason) await lessons.control("resume");
    } else if ((state === "training" || state === "measuring") && paused !== id) {
      paused = id;
      await lessons.control("pause", { reason });
    }
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  subscriptions.push(
    { dispose: stop },
    lessons.onChange((view) => {
      if (!view || !isGoingOn(view)) return stop();
      if (timer) return;
      timer = setInterval(check, interval);
      check();
    }),
  );
}
