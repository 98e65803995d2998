// Loads a model. If that fails, the current one stays.
import type { SelectModelParams, SelectModelResult } from "../../protocol";
import type { Context } from "../context";

export const selectModel = ({ host }: Context, { path }: SelectModelParams): Promise<SelectModelResult> =>
  host.select(path);
