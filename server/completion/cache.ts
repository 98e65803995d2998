// The cache of the last completions. While the user types what a completion suggests, the rest of it is shown at once,
// without the engine.
import type { CaretText, Written } from "./types";

interface Entry {
  uri: string;
  offset: number;
  before: string;
  after: string;
  hit: Hit;
}

/** A completion, or the rest of one after what was typed of it. */
export interface Hit extends Written {
  id: string;
}

export interface Cache {
  add(source: CaretText, hit: Hit): void;
  find(source: CaretText): Hit | undefined;
  clear(): void;
}

const maxEntries = 32;
/** Characters on either side of the caret that are compared. */
const compared = 1000;

export function createCache(): Cache {
  let entries: Entry[] = [];
  return {
    add({ uri, prefix, suffix }, hit) {
      const [before, after] = [copy(prefix.slice(-compared)), copy(withoutClosers(suffix).slice(0, compared))];
      entries = [{ uri, offset: prefix.length, before, after, hit }, ...entries].slice(0, maxEntries);
    },
    find({ uri, prefix, suffix }) {
      const rest = withoutClosers(suffix);
      for (const { hit, ...entry } of entries) {
        if (entry.uri !== uri || entry.offset > prefix.length || !rest.startsWith(entry.after)) continue;
        const typed = prefix.slice(entry.offset);
        if (!hit.text.startsWith(typed) || !prefix.slice(0, entry.offset).endsWith(entry.before)) continue;
        const text = hit.text.slice(typed.length);
        // A completion that was typed to its end is over. An empty one, and one that was given up, still hold at the very
        // same caret.
        if (!typed || (text.trim() && hit.end !== "unsure")) return { ...hit, text };
      }
    },
    clear() {
      entries = [];
    },
  };
}

/** Editors insert and remove closers right of the caret while the user types left of them, so they are not compared. */
const withoutClosers = (suffix: string) => suffix.replace(/^[)\]}"'`]+/, "");

/** V8 keeps the whole text in memory for a slice of it. */
const copy = (slice: string) => Buffer.from(slice, "utf16le").toString("utf16le");
