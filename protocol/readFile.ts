// Server → client: read a file of the workspace through the editor, which may have it on another machine.
import type { Request } from "./message";

export interface ReadFileParams {
  uri: string;
}

/** The file's bytes in base64; null if it cannot be read. */
export const readFile = "glassbox/readFile" as Request<ReadFileParams, string | null>;
