// Client → server: the caret of the active editor rests here, so the server can prefill the prompt before a completion is
// requested. It is sent when an editor becomes active and when the caret rests after it was moved without typing.
import type { Notification } from "./message";

export interface CaretParams {
  textDocument: { uri: string };
  position: { line: number; character: number };
}

export const caret = "glassbox/caret" as Notification<CaretParams>;
