// The syntax at a caret, by the language's tree-sitter grammar. The trees of the last few documents are kept and parsed
// incrementally.
import { Edit, type Node, type Tree } from "web-tree-sitter";
import { parserFor } from "../../syntax/parser";
import { stableEnd } from "../blocks";
import { change, pointAt } from "../change";
import { lastLine } from "../lines";
import type { CaretText } from "../types";

export interface Place {
  /** Whether the caret is in a string or a comment. */
  inText: boolean;
  /** Whether the caret's line ends with the opener of a block that is still empty. */
  opensBlock: boolean;
}

export interface Syntax {
  /** Undefined if the language has no grammar. */
  placeOf(source: CaretText): Promise<Place | undefined>;
}

/** Characters on either side of the caret that are parsed: no more than can be between two keystrokes. */
const reach = 32_768;
const maxTrees = 8;

interface Parsed {
  languageId: string;
  text: string;
  tree: Tree;
}

export function createSyntax(): Syntax {
  const parsed = new Map<string, Parsed>();

  async function parse({ uri, languageId }: CaretText, text: string): Promise<Tree | undefined> {
    const parser = await parserFor(languageId);
    if (!parser) return undefined;
    const last = parsed.get(uri);
    const tree = parser.parse(text, last?.languageId === languageId ? edited(last, text) : undefined)!;
    forget(uri);
    parsed.set(uri, { languageId, text, tree });
    if (parsed.size > maxTrees) forget(parsed.keys().next().value!);
    return tree;
  }

  function forget(uri: string) {
    parsed.get(uri)?.tree.delete();
    parsed.delete(uri);
  }

  return {
    async placeOf(source) {
      const before = stableEnd(source.prefix, reach);
      const tree = await parse(source, before + source.suffix.slice(0, reach));
      return tree && placeAt(tree, before);
    },
  };
}

/** The old tree with the range edited in which the text differs now. */
function edited(old: Parsed, text: string): Tree {
  const { start, oldEnd, newEnd } = change(old.text, text);
  old.tree.edit(
    new Edit({
      ...{ startIndex: start, oldEndIndex: oldEnd, newEndIndex: newEnd },
      startPosition: pointAt(text, start),
      oldEndPosition: pointAt(old.text, oldEnd),
      newEndPosition: pointAt(text, newEnd),
    }),
  );
  return old.tree;
}

function placeAt({ rootNode }: Tree, prefix: string): Place {
  const caret = prefix.length;
  const last = prefix.trimEnd().length - 1;
  if (last < 0) return { inText: false, opensBlock: false };
  const indented = /^\s*/.exec(lastLine(prefix))![0].length;
  return {
    inText: isText(rootNode.descendantForIndex(caret - 1, caret), caret),
    opensBlock: !prefix.slice(last).includes("\n") && opensBlock(rootNode.descendantForIndex(last, last + 1), indented),
  };
}

const text = /string|comment|char|heredoc|regex/;
const code = /substitution|interpolation|program|module|translation_unit|ERROR/;

function isText(node: Node | null, caret: number): boolean {
  for (; node && !code.test(node.type); node = node.parent) {
    if (!text.test(node.type) || node.startIndex >= caret) continue;
    const line = /comment/.test(node.type) && !node.text.endsWith("*/");
    if (caret < node.endIndex || (line && caret === node.endIndex)) return true;
  }
  return false;
}

const notBlocks =
  /substitution|interpolation|jsx|pattern|type|pair|dictionary|slice|lambda|subscript|parameter|import|export_clause/;

function opensBlock(opener: Node | null, indented: number): boolean {
  const parent = opener?.parent;
  if (!opener || !parent) return false;
  if (opener.type === ":" ? parent.isError : opener.type !== "{") return false;
  if (notBlocks.test(parent.type)) return false;
  const { row } = opener.startPosition;
  // Lines that are not indented more than the opener's are parsed as the block's only because its closer is missing.
  const follows = ({ startIndex, endIndex, startPosition }: Node) =>
    startIndex > opener.startIndex &&
    endIndex > startIndex &&
    (startPosition.row === row || startPosition.column > indented);
  return parent.hasError || !parent.namedChildren.some(follows);
}
