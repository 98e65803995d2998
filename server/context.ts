// The state that all handlers share. There is one context for each connection, and no other global state.
import type { Connection } from "vscode-languageserver";
import type { CaretParams, Prompt, Status } from "../protocol";
import type { Cache } from "./completion/cache";
import type { Debounce } from "./completion/debounce";
import type { Pieces } from "./completion/pieces/keep";
import type { Documents } from "./documents";
import type { Host } from "./engine/host";
import type { Lessons } from "./lesson/lessons";
import type { SettingsReader } from "./settings";
import type { StatusReport } from "./status";
import type { WorkspaceIndex } from "./workspace/index/types";

export interface Context {
  connection: Connection;
  documents: Documents;
  settings: SettingsReader;
  status: StatusReport;
  host: Host;
  lessons: Lessons;
  cache: Cache;
  debounce: Debounce;
  /** The index of the workspace; absent where there is nothing to find. */
  index?: WorkspaceIndex;
  /** The pieces of the workspace that stand in prompts. */
  pieces: Pieces;
  /** The last prompt that was sent to the model for each document, by the document's URI. */
  prompts: Map<string, Prompt>;
  /** Measured since the model was loaded. */
  speed: Partial<NonNullable<Status["speed"]>>;
  /** The timer that ends the snooze. */
  snooze?: NodeJS.Timeout;
  /** The last caret that the client reported. */
  caret?: CaretParams;
  /** The URIs of the workspace's folders. */
  folders: string[];
  /** The path of a folder that persists between sessions; undefined if the client gave none. */
  storage: string | undefined;
}
