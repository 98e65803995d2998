// Client → server: suspend automatic completions and warming up for some minutes; 0 ends the snooze. `status` reports it.
import type { Notification } from "./message";

export interface SnoozeParams {
  minutes: number;
}

export const snooze = "glassbox/snooze" as Notification<SnoozeParams>;
