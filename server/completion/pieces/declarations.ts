// Declarations of what the text before the caret names: what is called there, what stands before the dot and its type, and
// what is imported.
import type { Chunk, WorkspaceIndex } from "../../workspace/index/types";
import { unmatched } from "../brackets";
import { lastLine, lastLines } from "../lines";
import type { CaretText, ContextPiece } from "../types";
import { piecesOf } from "./candidate";

/** Where the editor's language services say that the names at these places of a document are declared. */
export type FindDefinitions = (uri: string, places: readonly Place[]) => Promise<(Definition | undefined)[]>;

/** A line and a character, counted from 0. */
export interface Place {
  line: number;
  character: number;
}

export interface Definition {
  uri: string;
  firstLine: number;
  lastLine: number;
}

const most = 4;
/** Lines before the caret whose imported names count. */
const near = 4;
/** Lines of a declaration: its head says what it is for. */
const longest = 12;

/** `definitions` is left out where no editor can be asked, or not now. */
export const declarations = (
  source: CaretText,
  index: Pick<WorkspaceIndex, "declarations" | "passage">,
  definitions?: FindDefinitions,
): Promise<ContextPiece[]> =>
  piecesOf("declarations", async () => {
    const names = namesAt(source).slice(0, most);
    const known = definitions ? await defined(names, source, index, definitions) : [];
    const others = names.filter((_, i) => !known[i]);
    const found = others.length ? await index.declarations(others, source.uri) : [];
    const rest = found.filter(({ uri }) => uri !== source.uri);
    return [...known.flatMap((chunk) => chunk ?? []), ...rest].slice(0, most).map((chunk, i) => {
      const head = chunk.text.split("\n").slice(0, longest).join("\n");
      const name = names.find((name) => head.includes(name));
      return { chunk: { ...chunk, text: head }, why: `declares ${name ?? "what is named"}`, score: 0.6 / (1 + i / 4) };
    });
  });

const identifier = "[\\p{L}_$][\\p{L}\\p{N}_$]*";
const beforeDot = new RegExp(`(${identifier})(?:\\.|\\?\\.|->|::)(?:${identifier})?$`, "u");
const beforeBracket = new RegExp(`(${identifier})\\s*$`, "u");
const identifiers = new RegExp(identifier, "gu");
const imports =
  /^\s*(?:import\b|from\b|use\b|using\b|export\b.*\bfrom\b|(?:const|let|var)\b.*\brequire\b)[^;]*?(?:;|$)/gm;

/** The names whose declarations tell what may follow the caret, the nearest first. */
export function namesAt({ prefix, languageId }: CaretText): string[] {
  const line = lastLine(prefix);
  const names: (string | undefined)[] = [];
  const receiver = beforeDot.exec(line)?.[1];
  if (receiver) names.push(typeOf(receiver, prefix), receiver);
  const open = unmatched(line, languageId).openers.findLast(({ char }) => char === "(");
  if (open) names.push(beforeBracket.exec(line.slice(0, open.at))?.[1]);
  const imported = new Set(Array.from(prefix.matchAll(imports), ([text]) => text.match(identifiers) ?? []).flat());
  const close = lastLines(prefix, near).replace(imports, "").match(identifiers) ?? [];
  names.push(...close.reverse().filter((name) => imported.has(name)));
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The type that a name is declared with: `name: Type`, `name = new Type(` or `name = Type(`. */
const typeOf = (name: string, prefix: string): string | undefined =>
  [
    ...prefix.matchAll(
      new RegExp(`${word(name)}\\??\\s*(?::|:?=)\\s*(?:new\\s+|&|\\*)?(\\p{Lu}[\\p{L}\\p{N}_$]*)`, "gu"),
    ),
  ].at(-1)?.[1];

/** What the editor's language services know, as the index has it: what the index leaves out does not count. */
async function defined(
  names: readonly string[],
  { uri, prefix, line }: CaretText,
  index: Pick<WorkspaceIndex, "passage">,
  definitions: FindDefinitions,
): Promise<(Chunk | undefined)[]> {
  const found = await definitions(
    uri,
    names.map((name) => lastPlaceOf(name, prefix, line)),
  );
  return Promise.all(found.map((one) => (one && one.uri !== uri ? index.passage(one.uri, one) : undefined)));
}

function lastPlaceOf(name: string, prefix: string, line: number): Place {
  const index = [...prefix.matchAll(new RegExp(`${word(name)}(?![\\p{L}\\p{N}_$])`, "gu"))].at(-1)!.index;
  const below = prefix.slice(index).split("\n").length - 1;
  return { line: line - below, character: index - (prefix.lastIndexOf("\n", index) + 1) };
}

/** A pattern for an identifier, from its first letter on. */
const word = (name: string) => `(?<![\\p{L}\\p{N}_$])${name.replaceAll("$", "\\$")}`;
