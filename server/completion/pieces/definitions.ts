// Asks the editor's language services, by way of the client, where names are declared.
import { setTimeout as after } from "node:timers/promises";
import type { Connection } from "vscode-languageserver";
import { type DefinitionsResult, definitions } from "../../../protocol";
import type { FindDefinitions } from "./declarations";

/** Milliseconds. The client gives its answer in half of that, unless it is busy. */
const longestWait = 100;

export const editorDefinitions =
  (connection: Connection): FindDefinitions =>
  async (uri, positions) => {
    const asked = connection.sendRequest<DefinitionsResult>(definitions, { textDocument: { uri }, positions });
    const answer = asked.catch((): DefinitionsResult => []); // other clients do not know the request: the index answers
    const found = await Promise.race([answer, after(longestWait, [])]);
    return found.map((one) => one ?? undefined);
  };
