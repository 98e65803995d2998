// Client → server: list the models that can be used without a download.
import type { Request } from "./message";

export interface ModelDescription {
  name: string;
  /** The value of the setting `model.path` that selects it: "" for the built-in one. */
  path: string;
  origin: "built-in" | "downloaded" | "disk";
  /** For a downloaded one, its folder below the one of all downloads, as a rule `owner/name` of its repository. */
  folder?: string;
  /** On disk, in bytes. */
  size: number;
}

/** The built-in model first, then what was downloaded. */
export const models = "glassbox/models" as Request<Record<string, never>, ModelDescription[]>;
