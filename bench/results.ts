// bench/RESULTS.md, of which each benchmark writes its own part: what stands below a heading of the first level.

import { readFile, writeFile } from "node:fs/promises";

const path = "bench/RESULTS.md";

/** Writes a part, which begins with its heading, in the place of the one that had this heading, or at the end. */
export async function writePart(part: string): Promise<void> {
  const heading = (text: string) => text.slice(0, text.indexOf("\n"));
  const parts = (await readFile(path, "utf8")).split(/^(?=# )/m);
  const at = parts.findIndex((other) => heading(other) === heading(part));
  parts.splice(at < 0 ? parts.length : at, at < 0 ? 0 : 1, part);
  await writeFile(path, parts.map((text) => `${text.trimEnd()}\n`).join("\n"));
}

/** A table in Markdown. All columns but the first are numbers. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i ? "--:" : "---")), ...rows].map(row).join("\n");

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
