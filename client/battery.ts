// A lesson pauses while the machine runs on its battery, says so, and goes on by itself once it is plugged in. Who resumes
// it nevertheless is left in peace until then.
import type { GlassboxContext } from "./context";
import { isGoingOn } from "./lessonProgress";
import { isOnBattery } from "./power";

/** Milliseconds between two looks. */
const pace = 15_000;
const reason = "The machine runs on its battery. The lesson goes on by itself once it is plugged in.";

export function activate({ subscriptions, lessons }: GlassboxContext) {
  let timer: NodeJS.Timeout | undefined;
  let paused: string | undefined; // the lesson that was paused here since the machine runs on its battery

  async function look() {
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
      timer = setInterval(look, pace);
      look();
    }),
  );
}
