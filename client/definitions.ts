// Answers where names are declared, so that their declarations can stand in the prompt. Shows nothing.
import { commands, type Location, type LocationLink, Position, Uri } from "vscode";
import { type DefinitionsResult, definitions } from "../protocol";
import type { GlassboxContext } from "./context";

/** Milliseconds. A language service that takes longer is still starting, or works on something else. */
const longestWait = 50;

export function activate({ server }: GlassboxContext) {
  server.answer(definitions, ({ textDocument, positions }) => {
    const uri = Uri.parse(textDocument.uri, true);
    return Promise.all(positions.map(({ line, character }) => definitionOf(uri, new Position(line, character))));
  });
}

async function definitionOf(uri: Uri, position: Position): Promise<DefinitionsResult[number]> {
  const asked = commands.executeCommand<(Location | LocationLink)[]>("vscode.executeDefinitionProvider", uri, position);
  const [found] = (await Promise.race([asked, rest()])) ?? [];
  if (!found) return null;
  const target = "targetUri" in found ? { uri: found.targetUri, range: found.targetRange } : found;
  return { uri: target.uri.toString(), firstLine: target.range.start.line, lastLine: target.range.end.line };
}

const rest = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), longestWait));
