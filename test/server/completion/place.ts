// A caret in a text, written as `|`.
import type { CaretText } from "../../../server/completion/types";

export function at(text: string, languageId = "typescript"): CaretText {
  const [prefix, suffix, more] = text.split("|");
  if (suffix === undefined || more !== undefined) throw new Error(`One | is the caret; got ${JSON.stringify(text)}`);
  return { uri: "file:///a", path: "a", languageId, line: prefix.split("\n").length - 1, prefix, suffix };
}
