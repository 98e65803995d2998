// Tree-sitter parsers, one a grammar for each thread that asks.
import { Language, Parser } from "web-tree-sitter";
import { built } from "../../engine";
import { grammars } from "./grammars";

const parsers = new Map<string, Promise<Parser>>();

/** Undefined if the language has no grammar. */
export function parserFor(languageId: string): Promise<Parser> | undefined {
  const grammar = grammars[languageId];
  if (!grammar) return undefined;
  const parser = parsers.get(grammar) ?? load(grammar);
  parsers.set(grammar, parser);
  return parser;
}

async function load(grammar: string): Promise<Parser> {
  await Parser.init({ locateFile: (name: string) => built(`grammars/${name}`) });
  return new Parser().setLanguage(await Language.load(built(`grammars/tree-sitter-${grammar}.wasm`)));
}
