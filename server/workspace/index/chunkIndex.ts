// The index in memory: the files' lines, and the terms of their chunks. A search looks at every chunk, which takes a few
// milliseconds for 100,000 lines, needs no lists of where each term occurs, and makes an edit cost no more than its file.
import { linesAfter, type Range, windows } from "./chunks";
import { idf, similarity } from "./ranking";
import { identifiersOf, termsOfIdentifier } from "./terms";
import type { Chunk, OpenDocument, Query, Ranked } from "./types";

export interface IndexedFile extends OpenDocument {
  /** Relative to the file's workspace folder, with slashes. */
  path: string;
}

export interface ChunkIndex {
  /** Adds a file, or replaces it. */
  set(file: IndexedFile): void;
  delete(uri: string): void;
  has(uri: string): boolean;
  search(query: Query, limit: number): Ranked[];
  declarations(names: readonly string[], except: string): Chunk[];
  passage(uri: string, range: Range): Chunk | undefined;
  readonly size: { files: number; lines: number; bytes: number };
}

/** How many lines before the caret a search compares. */
const queryLines = 12;

interface Entry {
  file: Omit<IndexedFile, "text">;
  lines: string[];
  chunks: Range[];
  /** The terms of all chunks, one chunk after the other; those of chunk `i` end before `ends[i]`. */
  terms: Uint32Array;
  ends: Uint32Array;
}

interface Found {
  entry: Entry;
  chunk: Range;
  score: number;
}

export function createChunkIndex(): ChunkIndex {
  const entries = new Map<string, Entry>();
  const numbers = new Map<string, number>();
  /** The terms of an identifier, by their numbers. */
  const known = new Map<string, readonly number[]>();
  /** In how many chunks each term is. */
  const frequencies: number[] = [];
  const size = { files: 0, lines: 0, bytes: 0 };
  let chunkCount = 0;

  function numberOf(term: string): number {
    let number = numbers.get(term);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(term, number);
      frequencies.push(0);
    }
    return number;
  }

  function termsIn(line: string): number[] {
    return identifiersOf(line).flatMap((identifier) => {
      let terms = known.get(identifier);
      if (!terms) {
        terms = termsOfIdentifier(identifier).map(numberOf);
        known.set(identifier, terms);
      }
      return terms;
    });
  }

  function count({ lines, terms, ends }: Entry, by: 1 | -1) {
    for (const term of terms) frequencies[term] += by;
    chunkCount += by * ends.length;
    size.files += by;
    size.lines += by * lines.length;
    size.bytes += by * (lines.reduce((sum, { length }) => sum + length + 24, 0) + 4 * terms.length);
  }

  function remove(uri: string) {
    const entry = entries.get(uri);
    if (!entry) return;
    count(entry, -1);
    entries.delete(uri);
  }

  /** The chunks that have terms of the query, the best first. */
  function ranked(query: Query): Found[] {
    const words = new Set(termsIn(lastLines(query.before, queryLines)));
    const inQuery = new Uint8Array(frequencies.length);
    const weights = Float64Array.from(frequencies, (frequency) => idf(chunkCount, frequency));
    let queryWeight = 0;
    for (const term of words) {
      inQuery[term] = 1;
      queryWeight += weights[term];
    }
    const found: Found[] = [];
    for (const entry of entries.values()) {
      if (entry.file.uri === query.uri) continue;
      const { terms, ends, chunks } = entry;
      for (let i = 0, at = 0; i < ends.length; i++) {
        let [common, all] = [0, 0];
        for (; at < ends[i]; at++) {
          const weight = weights[terms[at]];
          all += weight;
          if (inQuery[terms[at]]) common += weight;
        }
        const score = similarity(common, queryWeight, all);
        if (score > 0) found.push({ entry, chunk: chunks[i], score });
      }
    }
    return found.sort(byScore);
  }

  return {
    size,
    set({ text, ...file }) {
      remove(file.uri);
      const lines = text.split("\n");
      const chunks = windows(lines.length);
      const ofLines = lines.map(termsIn);
      const ofChunks = chunks.map(({ firstLine, lastLine }) => new Set(ofLines.slice(firstLine, lastLine + 1).flat()));
      const terms = Uint32Array.from(ofChunks.flatMap((terms) => [...terms]));
      let end = 0;
      const ends = Uint32Array.from(ofChunks, (terms) => {
        end += terms.size;
        return end;
      });
      const entry: Entry = { file, lines, chunks, terms, ends };
      entries.set(file.uri, entry);
      count(entry, 1);
    },
    delete: remove,
    has: (uri) => entries.has(uri),
    search(query, limit) {
      const best: Found[] = [];
      for (const one of ranked(query)) {
        if (best.length === limit) break;
        if (!best.some((other) => overlap(one, other))) best.push(one);
      }
      return best.map(({ entry, chunk, score }) => ({ chunk: chunkOf(entry, chunk), score }));
    },
    declarations: () => [],
    passage(uri, { firstLine, lastLine }) {
      const entry = entries.get(uri);
      const text = entry?.lines.slice(firstLine, lastLine + 1).join("\n");
      return text ? { ...entry!.file, firstLine, lastLine, text } : undefined;
    },
  };
}

const byScore = (a: Found, b: Found) =>
  b.score - a.score ||
  (a.entry.file.uri < b.entry.file.uri ? -1 : a.entry.file.uri > b.entry.file.uri ? 1 : 0) ||
  a.chunk.firstLine - b.chunk.firstLine;

const overlap = (a: Found, b: Found) =>
  a.entry === b.entry && a.chunk.firstLine <= b.chunk.lastLine && b.chunk.firstLine <= a.chunk.lastLine;

const chunkOf = ({ file, lines }: Entry, { firstLine, lastLine }: Range): Chunk => ({
  ...file,
  firstLine,
  lastLine,
  text: lines.slice(firstLine, lastLine + 1 + linesAfter).join("\n"),
});

const lastLines = (text: string, count: number) => text.split("\n").slice(-count).join("\n");
