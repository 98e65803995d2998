// Client → server: the caret of the active editor rests here, so that what a completion would have to read is read before
// one is asked for. Sent when an editor becomes active and when its caret has come to rest away from what is typed.
import type { Notification } from "./message";

export interface CaretParams {
  textDocument: { uri: string };
  position: { line: number; character: number };
}

export const caret = "glassbox/caret" as Notification<CaretParams>;
