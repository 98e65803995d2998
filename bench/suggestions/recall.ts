// Whether the chunks that are found hold the function that is called next: recall@5, by ranking.

import { lastLine } from "../../server/completion/lines";
import type { Chunk } from "../../server/workspace/index/types";
import type { Hole, SourceFile } from "./holes";

type Found = Pick<Chunk, "path" | "firstLine" | "text">;

/** A hole whose truth calls a function that another file of the package declares. */
export interface Call {
  hole: Hole;
  name: string;
  /** Where it is declared: the file's path and the line, from 0. */
  declarations: { path: string; line: number }[];
}

/** A function, not a method: which one a method is depends on its object's type. */
const call = /(?<![\p{L}\p{N}_$.])([\p{L}_$][\p{L}\p{N}_$]{2,})\s*\(/gu;
const declaration =
  /^\s*(?:(?:export|default|async)\s+)*(?:(?:function\*?|def|class)\s+([\p{L}_$][\p{L}\p{N}_$]*)|(?:const|let|var)\s+([\p{L}_$][\p{L}\p{N}_$]*)\s*=\s*(?:async\s*)?(?:function\b|\())/u;

/** The holes that call something which the package's other files declare. `files` are the package's. */
export function callsIn(holes: readonly Hole[], files: readonly SourceFile[]): Call[] {
  const declared = new Map<string, Call["declarations"]>();
  for (const { path, text } of files)
    for (const [line, content] of text.split("\n").entries()) {
      const [, first, second] = declaration.exec(content) ?? [];
      const name = first ?? second;
      if (name) declared.set(name, [...(declared.get(name) ?? []), { path, line }]);
    }
  return holes.flatMap((hole) => {
    const start = lastLine(hole.prefix);
    const called = [...(start + hole.truth).matchAll(call)].filter(
      ({ index, 1: name }) => index + name.length > start.length,
    );
    const name = called.map(({ 1: name }) => name).find((name) => declared.has(name));
    const at = name && declared.get(name);
    if (!at || at.some(({ path }) => path === hole.file.path)) return [];
    return [{ hole, name, declarations: at }];
  });
}

/** Whether one of the chunks, with the lines that are shown after it, holds a declaration. */
export const isFound = ({ declarations }: Call, chunks: readonly Found[]): boolean =>
  declarations.some(({ path, line }) =>
    chunks.some((chunk) => chunk.path === path && chunk.firstLine <= line && line < chunk.firstLine + lines(chunk)),
  );

const lines = ({ text }: Found) => text.split("\n").length;
