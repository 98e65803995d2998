// The outline of a file by its syntax tree: chunks that begin and end where functions, classes and blocks do, and the names
// that are declared outside of functions.
import type { Node, Tree } from "web-tree-sitter";
import { parserFor } from "../../syntax/parser";
import { maxLines, pack, type Range, windows } from "./chunks";

export interface Declaration extends Range {
  name: string;
}

export interface Outline {
  chunks: Range[];
  declarations: Declaration[];
}

/** No code that people write is nested deeper. */
const maxDepth = 50;

/** The outline of a text whose language has no grammar: windows of lines, and no declarations. */
export const plainOutline = (text: string): Outline => ({
  chunks: windows(text.split("\n").length),
  declarations: [],
});

export async function outlineOf(text: string, languageId: string): Promise<Outline> {
  const tree = (await parserFor(languageId))?.parse(text);
  if (!tree) return plainOutline(text);
  const lines = text.split("\n");
  const { possible, needed } = startsIn(tree, lines);
  const outline = { chunks: pack(possible, needed, lines.length), declarations: declarationsIn(tree, lines) };
  tree.delete();
  return outline;
}

/** Comments, annotations and decorators belong to what follows them. */
const introduces = /^\s*(\/\/|\/\*|\*|@|#[\s#!:[])/;

/** The first of the lines of comments that introduce a line. */
function introduced(line: number, lines: readonly string[]): number {
  let first = line;
  while (first > 0 && line - first < maxLines && introduces.test(lines[first - 1])) first--;
  return first;
}

/** The lines at which a chunk may begin, and those at which one has to. */
function startsIn({ rootNode }: Tree, lines: readonly string[]): { possible: number[]; needed: Set<number> } {
  const possible = new Set([0]);
  const needed = new Set<number>();
  collect(rootNode, 0);
  return { possible: [...possible].sort((a, b) => a - b), needed };

  function collect(node: Node, depth: number) {
    const { row } = node.startPosition;
    const start = introduced(row, lines);
    possible.add(start);
    if (lastRow(node) - row < maxLines || depth === maxDepth) return;
    if (declares.test(node.type)) needed.add(start);
    for (const child of node.namedChildren) collect(child, depth + 1);
  }
}

const declares =
  /(declaration|definition|declarator|_item|_spec|specifier|signature|_alias|method$|^class$|module$|preproc_def|preproc_function_def)$/;
/** Their names are declared, and what is declared inside is not known outside. */
const closed = /function|method|macro|constructor|declarator|signature|_spec$|_alias$|const_item|static_item/;
const never =
  /expression$|comment|import|string|call|argument|parameter|pattern|literal|annotation|^array|^object|property|use_declaration|^(return|if|for|while|try|switch)_/;

function declarationsIn({ rootNode }: Tree, lines: readonly string[]): Declaration[] {
  const found: Declaration[] = [];
  visit(rootNode, 0);
  return found;

  function visit(node: Node, depth: number) {
    const name = declares.test(node.type) ? nameOf(node) : undefined;
    if (name) found.push({ name, firstLine: introduced(node.startPosition.row, lines), lastLine: lastRow(node) });
    if (depth === maxDepth || (name && closed.test(node.type))) return;
    if (name && node.childForFieldName("declarator")) return;
    for (const child of node.namedChildren) if (!never.test(child.type)) visit(child, depth + 1);
  }
}

/** Some nodes end with their line end, at the first column of the line below. */
const lastRow = ({ startPosition, endPosition: { row, column } }: Node) =>
  column === 0 && row > startPosition.row ? row - 1 : row;

/** In C a name is inside of its declarator. */
function nameOf(node: Node): string | undefined {
  const name = node.childForFieldName("name");
  const declarator = node.childForFieldName("declarator");
  if (!name && declarator) return nameOf(declarator) ?? lastIdentifier(declarator.text);
  return name ? lastIdentifier(name.text) : undefined;
}

const lastIdentifier = (text: string) => /[\p{L}_$][\p{L}\p{N}_$-]*[?!]?$/u.exec(text)?.[0];
