// What the handlers share. There is one for a connection, and nothing is kept outside of it.
import type { Connection } from "vscode-languageserver";
import type { CaretParams, Prompt, Status } from "../protocol";
import type { Cache } from "./completion/cache";
import type { Debounce } from "./completion/debounce";
import type { Documents } from "./documents";
import type { Host } from "./engine/host";
import type { Lessons } from "./lesson/lessons";
import type { SettingsReader } from "./settings";
import type { StatusReport } from "./status";

export interface Context {
  connection: Connection;
  documents: Documents;
  settings: SettingsReader;
  status: StatusReport;
  host: Host;
  lessons: Lessons;
  cache: Cache;
  debounce: Debounce;
  /** The last one that was sent for a document, by its URI. */
  prompts: Map<string, Prompt>;
  /** What was measured since the model was loaded. */
  speed: Partial<NonNullable<Status["speed"]>>;
  /** Ends it. */
  snooze?: NodeJS.Timeout;
  /** Where the user is, as far as is known. */
  caret?: CaretParams;
  /** The workspace's, as URIs. */
  folders: string[];
  /** A folder that outlives sessions; undefined where the client gave none. */
  storage: string | undefined;
}
