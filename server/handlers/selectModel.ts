// Loads a model now; the one before stays when it cannot be loaded.
import type { SelectModelParams, SelectModelResult } from "../../protocol";
import type { Context } from "../context";

export const selectModel = ({ host }: Context, { path }: SelectModelParams): Promise<SelectModelResult> =>
  host.select(path);
