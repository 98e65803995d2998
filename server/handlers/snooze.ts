// No completions for some minutes, unless asked for by hand; 0 ends it.
import type { SnoozeParams } from "../../protocol";
import type { Context } from "../context";

export function snooze(context: Context, { minutes }: SnoozeParams) {
  clearTimeout(context.snooze);
  const end = () => context.status.set({ snoozedUntil: undefined });
  if (minutes <= 0) return end();
  context.snooze = setTimeout(end, minutes * 60_000);
  context.status.set({ snoozedUntil: Date.now() + minutes * 60_000 });
}
