// The cache of the last completions. While the user types what a completion suggests, the rest of it is shown at once,
// without the engine.
import type { CaretText } from "./types";

interface Entry {
  uri: string;
  offset: number;
  before: string;
  after: string;
  id: string;
  text: string;
}

export interface Hit {
  id: string;
  /** The rest of the completion after what was typed of it, not trimmed. */
  text: string;
}

export interface Cache {
  add(source: CaretText, id: string, text: string): void;
  find(source: CaretText): Hit | undefined;
  clear(): void;
}

const maxEntries = 32;
/** Characters on either side of the caret that are compared. */
const compared = 1000;

export function createCache(): Cache {
  let entries: Entry[] = [];
  return {
    add({ uri, prefix, suffix }, id, text) {
      const [before, after] = [copy(prefix.slice(-compared)), copy(withoutClosers(suffix).slice(0, compared))];
      entries = [{ uri, offset: prefix.length, before, after, id, text }, ...entries].slice(0, maxEntries);
    },
    find({ uri, prefix, suffix }) {
      const rest = withoutClosers(suffix);
      for (const { id, text, ...entry } of entries) {
        if (entry.uri !== uri || entry.offset > prefix.length || !rest.startsWith(entry.after)) continue;
        const typed = prefix.slice(entry.offset);
        if (!text.startsWith(typed) || !prefix.slice(0, entry.offset).endsWith(entry.before)) continue;
        const left = text.slice(typed.length);
        // A completion that was typed to its end is over. An empty one still holds at the very same caret.
        if (left.trim() || !typed) return { id, text: left };
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
