// Client → server: no completions and no warming up for some minutes; 0 ends it. The server tells by `status`.
import type { Notification } from "./message";

export interface SnoozeParams {
  minutes: number;
}

export const snooze = "glassbox/snooze" as Notification<SnoozeParams>;
