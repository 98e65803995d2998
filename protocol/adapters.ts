// Client → server: list the adapters of this machine, and change one.

import type { LessonReport } from "./lesson";
import type { Request } from "./message";
import type { AdapterKind } from "./planLesson";
import type { Problem } from "./status";

export interface Adapter {
  name: string;
  path: string;
  kind: AdapterKind;
  /** The name of the model that it was trained on. */
  base: string;
  /** Whether it fits the loaded model. */
  fits: boolean;
  /** Its scale in this workspace; 1 is as trained. Absent if it is not in use. */
  scale?: number;
  /** On disk, in bytes. */
  size: number;
  /** When it was made, in milliseconds since 1970. */
  made: number;
  /** Without lines of the workspace, because an adapter may be shared. */
  report?: Omit<LessonReport, "examples">;
}

export const adapters = "glassbox/adapters" as Request<Record<string, never>, Adapter[]>;

/**
 * - `use` applies it in this workspace at `scale`; 0 stops that.
 * - `delete` removes it from every workspace and from the disk.
 * - `export` writes it to `target`: a `.gguf` file for llama.cpp, or else a folder for `peft`.
 * - `import` copies the adapter at `path` into the storage.
 * - `merge` writes the loaded model with the adapter merged into its weights to `target`.
 */
export interface ChangeAdapterParams {
  action: "use" | "delete" | "export" | "import" | "merge";
  path: string;
  scale?: number;
  target?: string;
}

export type ChangeAdapterResult = { adapters: Adapter[] } | { problem: Problem };

export const changeAdapter = "glassbox/changeAdapter" as Request<ChangeAdapterParams, ChangeAdapterResult>;
