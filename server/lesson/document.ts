// A file as the model reads it: below its path, as in prompts.

import type { Document } from "../../engine";
import { lineComment } from "../completion/comments";
import type { TakenFile } from "./choose";

export function documentOf({ path, text, languageId }: TakenFile): Document {
  const comment = lineComment(languageId ?? "", path);
  return { header: comment ? `${comment}\n` : "", text };
}
