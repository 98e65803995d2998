// Returns the last prompt that was sent to the model for a document.
import type { Prompt, ShowPromptParams } from "../../protocol";
import type { Context } from "../context";

export const showPrompt = ({ prompts }: Context, { textDocument: { uri } }: ShowPromptParams): Prompt | null =>
  prompts.get(uri) ?? null;
