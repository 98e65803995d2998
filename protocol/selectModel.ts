// Client → server: load this model now. If it cannot be loaded, the current one stays and the answer holds the problem.
// Afterwards the client stores the choice in `model.path`; by then the server has that model loaded already.
import type { Request } from "./message";
import type { ModelDescription } from "./models";
import type { Problem } from "./status";

export interface SelectModelParams {
  /** A GGUF file (the first of several parts), a Hugging Face model folder, or "" for the built-in model. */
  path: string;
}

export type SelectModelResult = { model: ModelDescription } | { problem: Problem };

export const selectModel = "glassbox/selectModel" as Request<SelectModelParams, SelectModelResult>;
