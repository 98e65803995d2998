// Client → server: which models are there to choose from without a download.
import type { Request } from "./message";

export interface ModelDescription {
  name: string;
  /** What `model.path` holds for it: "" for the built-in one. */
  path: string;
  origin: "built-in" | "downloaded" | "disk";
  /** On disk, in bytes. */
  size: number;
}

/** The built-in model first, then what was downloaded. */
export const models = "glassbox/models" as Request<Record<string, never>, ModelDescription[]>;
