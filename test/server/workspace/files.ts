// A workspace in memory.

import type { Candidate } from "../../../server/workspace/choose";

export const files = (contents: Record<string, string | Uint8Array>): Candidate[] =>
  Object.entries(contents).map(([path, content]) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    return { path, size: bytes.length, read: async () => bytes };
  });

export const noRules = { within: "", gitignores: [], excludes: [] };
