// The last completions, so that whoever types what one suggests keeps it, at once and without the engine.
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
  /** What is left of the completion, as the model wrote it. */
  text: string;
}

export interface Cache {
  add(source: CaretText, id: string, text: string): void;
  find(source: CaretText): Hit | undefined;
  clear(): void;
}

const most = 32;
/** Characters on either side of the caret that tell one place from another. */
const reach = 1000;

export function createCache(): Cache {
  let entries: Entry[] = [];
  return {
    add({ uri, prefix, suffix }, id, text) {
      const [before, after] = [copy(prefix.slice(-reach)), copy(beyondClosers(suffix).slice(0, reach))];
      entries = [{ uri, offset: prefix.length, before, after, id, text }, ...entries].slice(0, most);
    },
    find({ uri, prefix, suffix }) {
      const rest = beyondClosers(suffix);
      for (const { id, text, ...entry } of entries) {
        if (entry.uri !== uri || entry.offset > prefix.length || !rest.startsWith(entry.after)) continue;
        const typed = prefix.slice(entry.offset);
        if (!text.startsWith(typed) || !prefix.slice(0, entry.offset).endsWith(entry.before)) continue;
        const left = text.slice(typed.length);
        // All of it typed: that is the time for another. Nothing to say at this very place: that still holds.
        if (left.trim() || !typed) return { id, text: left };
      }
    },
    clear() {
      entries = [];
    },
  };
}

/** Editors put closers right of the caret, and take them away, while one types what is left of them. */
const beyondClosers = (suffix: string) => suffix.replace(/^[)\]}"'`]+/, "");

/** A slice of a text would keep the whole of it in memory. */
const copy = (slice: string) => Buffer.from(slice, "utf16le").toString("utf16le");
