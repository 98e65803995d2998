// Client → server: what this machine's model has been taught, and what to do with it.

import type { LessonReport } from "./lesson";
import type { Request } from "./message";
import type { AdapterKind } from "./planLesson";
import type { Problem } from "./status";

export interface Adapter {
  name: string;
  path: string;
  kind: AdapterKind;
  /** The model it belongs to; others cannot use it. */
  base: string;
  fits: boolean;
  /** In use in this workspace, at this scale; 1 is as it was taught. */
  scale?: number;
  /** On disk, in bytes. */
  size: number;
  /** When it was made, in milliseconds since 1970. */
  made: number;
  /** Without lines of the workspace: an adapter may be given away. */
  report?: Omit<LessonReport, "examples">;
}

export const adapters = "glassbox/adapters" as Request<Record<string, never>, Adapter[]>;

/**
 * `use` it in this workspace at `scale`, which 0 ends; `delete` it; `export` it to `target` (a `.gguf` that llama.cpp loads,
 * else a folder that `peft` loads); `import` one from `path`; `merge` it into a model of its own at `target`.
 */
export interface ChangeAdapterParams {
  action: "use" | "delete" | "export" | "import" | "merge";
  path: string;
  scale?: number;
  target?: string;
}

export type ChangeAdapterResult = { adapters: Adapter[] } | { problem: Problem };

export const changeAdapter = "glassbox/changeAdapter" as Request<ChangeAdapterParams, ChangeAdapterResult>;
