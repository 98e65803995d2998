// Client → server: a completion was accepted as a whole. The server puts `acceptedCommand` on its inline completion items,
// with `AcceptedParams` as its only argument; the editor runs it in the client, which passes it on.
import type { Notification } from "./message";

export interface AcceptedParams {
  id: string;
  kind: "line" | "block";
}

export const acceptedCommand = "glassbox.completionAccepted";

export const accepted = "glassbox/accepted" as Notification<AcceptedParams>;
