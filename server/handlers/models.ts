// Lists the models that can be used without a download.
import type { ModelDescription } from "../../protocol";
import type { Context } from "../context";
import { listModels } from "../models/models";

export const models = ({ storage }: Context): Promise<ModelDescription[]> => listModels(storage);
