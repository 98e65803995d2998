// Client → server: the caret of the active editor rests here, so the server can prefill the prompt before a completion is
// requested. It is sent when an editor becomes active, when the caret was moved and rests, and when nothing is typed for a while.
import type { Notification } from "./message";

export interface CaretParams {
  textDocument: { uri: string };
  position: { line: number; character: number };
}

export const caret = "glassbox/caret" as Notification<CaretParams>;
