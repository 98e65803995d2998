// What the text of a file was found to be: its outline, or the reason to leave it out. It is kept by the text's hash, in
// memory and between sessions, because parsing and looking for secrets takes most of the time that an index takes to
// build. A hash finds what belongs to it whatever happens to the file: a branch switched there and back, another name.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonByText } from "../choose";
import type { Reason } from "../reasons";
import { type Outline, outlineOf } from "./outline";

export type Analysis = { outline: Outline } | { reason: Reason };

export interface Analyses {
  of(text: string, languageId: string): Promise<{ key: string; analysis: Analysis }>;
  /** Forgets all but those with these keys, and writes them into the storage. */
  keep(keys: ReadonlySet<string>): Promise<void>;
}

/** Changes whenever another version would analyse a text differently. */
const version = 1;

/** `storage` is a folder; without one nothing is kept between sessions. `log` is told why something cannot be kept. */
export async function openAnalyses(storage: string | undefined, log: (line: string) => void): Promise<Analyses> {
  const file = storage && join(storage, "index");
  const known = new Map<string, Analysis>();
  if (file) for (const [key, analysis] of parse(await readFile(file, "utf8").catch(() => ""))) known.set(key, analysis);
  let written = known.size;
  let added = false;

  return {
    async of(text, languageId) {
      const key = createHash("sha256").update(`${languageId}\n${text}`).digest("base64");
      let analysis = known.get(key);
      if (!analysis) {
        const reason = reasonByText(text, languageId);
        analysis = reason ? { reason } : { outline: await outlineOf(text, languageId) };
        known.set(key, analysis);
        added = true;
      }
      return { key, analysis };
    },
    async keep(keys) {
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
      if (!file || (!added && known.size === written)) return;
      try {
        await mkdir(dirname(file), { recursive: true });
        const aside = `${file}.${process.pid}`;
        await writeFile(aside, serialize([...known]));
        await rename(aside, file);
        written = known.size;
        added = false;
      } catch (error) {
        log(`The workspace index cannot be kept for the next session: ${(error as Error).message}`);
      }
    },
  };
}

type Entries = [key: string, analysis: Analysis][];

/** A line with the version and a checksum of what follows. */
function serialize(entries: Entries): string {
  const body = JSON.stringify(entries);
  return `${header(body)}\n${body}`;
}

/** Nothing where the file is damaged, or was written by another version: all is analysed again then. */
function parse(text: string): Entries {
  const [head] = text.split("\n", 1);
  const body = text.slice(head.length + 1);
  return head === header(body) ? JSON.parse(body) : [];
}

const header = (body: string) => `glassbox index ${version} ${createHash("sha256").update(body).digest("hex")}`;
