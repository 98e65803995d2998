// The lines after the caret, for a model that cannot fill in the middle.
import type { CaretText, ContextPiece } from "../types";

const most = 12;

export function linesAfter({ uri, path, languageId, line, suffix }: CaretText): ContextPiece[] {
  const lines = suffix.split("\n").slice(1, 1 + most);
  while (lines.length && !lines.at(-1)!.trim()) lines.pop();
  if (!lines.length) return [];
  const choice = { source: "after", why: "stands below the caret", score: 0.3, milliseconds: 0 } as const;
  return [
    {
      choice,
      uri,
      path,
      languageId,
      firstLine: line + 1,
      lastLine: line + lines.length,
      text: `…\n${lines.join("\n")}\n…`,
    },
  ];
}
