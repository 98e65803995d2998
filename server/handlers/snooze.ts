// Suspends automatic completions for some minutes; 0 ends the snooze.
import type { SnoozeParams } from "../../protocol";
import type { Context } from "../context";

export function snooze(context: Context, { minutes }: SnoozeParams) {
  clearTimeout(context.snooze);
  const end = () => context.status.set({ snoozedUntil: undefined });
  if (minutes <= 0) return end();
  context.snooze = setTimeout(end, minutes * 60_000);
  context.status.set({ snoozedUntil: Date.now() + minutes * 60_000 });
}
