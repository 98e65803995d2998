// Server → client: the bytes of a file of the workspace, wherever the editor has it.
import type { Request } from "./message";

export interface ReadFileParams {
  uri: string;
}

/** Base64; null where it can no longer be read. */
export const readFile = "glassbox/readFile" as Request<ReadFileParams, string | null>;
