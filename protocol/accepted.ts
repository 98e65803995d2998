// Client → server: the user accepted a whole completion. The server attaches `acceptedCommand` to each inline completion
// item, with `AcceptedParams` as its only argument; the editor runs it in the client, which sends this notification.
import type { Notification } from "./message";

export interface AcceptedParams {
  id: string;
  kind: "line" | "block";
}

export const acceptedCommand = "glassbox.completionAccepted";

export const accepted = "glassbox/accepted" as Notification<AcceptedParams>;
