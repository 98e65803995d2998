// Client → server: load this model now. When it cannot be loaded the one before stays, and the answer says why.
// The client stores the choice in `model.path` afterwards; the server then finds that model loaded already.
import type { Request } from "./message";
import type { ModelDescription } from "./models";
import type { Problem } from "./status";

export interface SelectModelParams {
  /** A GGUF file (the first, where there are several), a Hugging Face model folder, or "" for the built-in one. */
  path: string;
}

export type SelectModelResult = { model: ModelDescription } | { problem: Problem };

export const selectModel = "glassbox/selectModel" as Request<SelectModelParams, SelectModelResult>;
