// Server → client: where names of a document are declared, by the editor's language services.
import type { Request } from "./message";

export interface DefinitionsParams {
  textDocument: { uri: string };
  /** The places of the names. */
  positions: { line: number; character: number }[];
}

/** For each name: the lines of its declaration, counted from 0, the last one included; null where it is not known in time. */
export type DefinitionsResult = ({ uri: string; firstLine: number; lastLine: number } | null)[];

export const definitions = "glassbox/definitions" as Request<DefinitionsParams, DefinitionsResult>;
