// The index in memory: the texts of files, the terms of their chunks, and what they declare. A search looks at every chunk,
// which takes a few milliseconds for 100,000 lines, needs no list of where each term is, and lets an edit cost no more
// than its file.
import type { Range } from "./chunks";
import type { Outline } from "./outline";
import { idf, similarity } from "./ranking";
import { identifiersOf, terms, termsOfIdentifier } from "./terms";
import type { Chunk, Query, Ranked } from "./types";

export interface IndexedFile {
  uri: string;
  /** Relative to the file's workspace folder, with slashes. */
  path: string;
  languageId: string;
  text: string;
}

export interface ChunkIndex {
  /** Adds a file, or replaces it. */
  set(file: IndexedFile, outline: Outline): void;
  delete(uri: string): void;
  /** As in `WorkspaceIndex`. */
  search(query: Query, limit: number): Ranked[];
  declarations(names: readonly string[], except: string): Chunk[];
  passage(uri: string, range: Range): Chunk | undefined;
  readonly size: { files: number; lines: number /** Of memory, estimated. */; bytes: number };
}

/** How many lines before the caret a search compares. */
const queryLines = 12;
/** How many lines after a chunk are shown with it. */
const linesAfter = 8;
/** The longest declaration that is shown, in lines. */
const declarationLines = 24;
/** How many declarations of one name are given. */
const perName = 3;

interface Entry extends Outline {
  file: IndexedFile;
  /** Where each line begins in the text, and the text's length. */
  lineStarts: Uint32Array;
  /** The terms of all chunks, one chunk after the other, each in order of appearance. Those of chunk `i` end before `ends[i]`. */
  terms: Uint32Array;
  ends: Uint32Array;
}

interface Found {
  entry: Entry;
  /** Which of its chunks. */
  at: number;
  /** The weight of the terms that are in the query too. */
  common: number;
  score: number;
}

export function createChunkIndex(): ChunkIndex {
  const entries = new Map<string, Entry>();
  const declaring = new Map<string, Set<Entry>>();
  let vocabulary = createVocabulary();
  /** In how many chunks each term is. */
  let frequencies: number[] = [];
  let termsInUse = 0;
  const size = { files: 0, lines: 0, bytes: 0 };
  let chunkCount = 0;

  function count(entry: Entry, by: 1 | -1) {
    for (const term of entry.terms) {
      const before = frequencies[term] ?? 0;
      frequencies[term] = before + by;
      if (before === 0) termsInUse++;
      else if (before + by === 0) termsInUse--;
    }
    chunkCount += by * entry.chunks.length;
    size.files += by;
    size.lines += by * (entry.lineStarts.length - 1);
    size.bytes += by * bytesOf(entry);
  }

  function remove(uri: string) {
    const entry = entries.get(uri);
    if (!entry) return;
    count(entry, -1);
    entries.delete(uri);
    for (const { name } of entry.declarations) {
      declaring.get(name)?.delete(entry);
      if (!declaring.get(name)?.size) declaring.delete(name);
    }
  }

  /** Forgets the terms that no chunk has any more: every word that someone types leaves its first letters behind. */
  function compact() {
    const next = createVocabulary();
    const names = [...vocabulary.numbers.keys()];
    const numbers = names.map((name, term) => (frequencies[term] ? next.numberOf(name) : -1));
    for (const entry of entries.values()) entry.terms = entry.terms.map((term) => numbers[term]);
    frequencies = frequencies.filter((count) => count > 0);
    vocabulary = next;
  }

  const weightOf = (term: number) => idf(chunkCount, frequencies[term]);

  function search({ before, uri }: Query, limit: number): Ranked[] {
    // Each term of the query has a place among the weights; all others have the first, which is 0.
    const places = new Uint16Array(frequencies.length);
    const weights = [0];
    for (const name of terms(before.split("\n").slice(-queryLines).join("\n"))) {
      const term = vocabulary.numbers.get(name);
      if (term === undefined || frequencies[term] === 0) continue; // that no chunk has it tells nothing of any of them
      places[term] = weights.length;
      weights.push(weightOf(term));
    }
    const query = weights.reduce((sum, weight) => sum + weight, 0);
    const found: Found[] = [];
    let most = 0;
    for (const entry of entries.values()) {
      if (entry.file.uri === uri) continue;
      const { terms, ends } = entry;
      for (let i = 0, at = 0; i < ends.length; i++) {
        let common = 0;
        for (; at < ends[i]; at++) common += weights[places[terms[at]]];
        if (common === 0) continue;
        found.push({ entry, at: i, common, score: 0 });
        most = Math.max(most, common);
      }
    }
    // What a chunk has besides takes longer to sum up, and only lowers its score: those with much in common come first, until no
    // other one can be among the best.
    let left = found;
    const scored: Found[] = [];
    for (let least = most / 2; ; least /= 2) {
      for (const one of left.filter(({ common }) => common >= least)) scored.push(scoreOf(one, query));
      left = left.filter(({ common }) => common < least);
      const best = bestOf(scored, limit);
      if (!left.length || (best.length === limit && best[limit - 1].score >= least / query)) return best;
    }
  }

  function scoreOf({ entry, at, common }: Found, query: number): Found {
    let chunk = 0;
    for (const term of entry.terms.subarray(at && entry.ends[at - 1], entry.ends[at])) chunk += weightOf(term);
    return { entry, at, common, score: similarity(common, query, chunk) };
  }

  return {
    size,
    set(file, outline) {
      remove(file.uri);
      const lineStarts = startsOf(file.text);
      const ofLines = Array.from(lineStarts.subarray(0, -1), (start, i) =>
        vocabulary.termsIn(file.text.slice(start, lineStarts[i + 1])),
      );
      const ofChunks = outline.chunks.map((range) => {
        const terms = new Set<number>();
        for (let line = range.firstLine; line <= range.lastLine; line++)
          for (const term of ofLines[line]) terms.add(term);
        return terms;
      });
      let end = 0;
      const ends = Uint32Array.from(ofChunks, (terms) => {
        end += terms.size;
        return end;
      });
      const all = Uint32Array.from(ofChunks.flatMap((terms) => [...terms]));
      const entry: Entry = { file, lineStarts, ...outline, terms: all, ends };
      entries.set(file.uri, entry);
      count(entry, 1);
      if (vocabulary.numbers.size > 1000 + 2 * termsInUse) compact();
      for (const { name } of outline.declarations) {
        if (!declaring.has(name)) declaring.set(name, new Set());
        declaring.get(name)!.add(entry);
      }
    },
    delete: remove,
    search,
    declarations(names, except) {
      return names.flatMap((name) =>
        [...(declaring.get(name) ?? [])]
          .filter(({ file }) => file.uri !== except)
          .sort((a, b) => order(a.file.uri, b.file.uri))
          .flatMap((entry) =>
            entry.declarations.filter((declared) => declared.name === name).map((range) => ({ entry, range })),
          )
          .slice(0, perName)
          .map(({ entry, range: { firstLine, lastLine } }) =>
            chunkOf(entry, { firstLine, lastLine: Math.min(lastLine, firstLine + declarationLines - 1) }, 0),
          ),
      );
    },
    passage(uri, range) {
      const entry = entries.get(uri);
      const chunk = entry && chunkOf(entry, range, 0);
      return chunk?.text ? chunk : undefined;
    },
  };
}

/** Those with the highest scores that do not overlap and have different texts, the best first. */
function bestOf(found: readonly Found[], limit: number): Ranked[] {
  const best: Ranked[] = [];
  const taken: Found[] = [];
  for (const one of found.toSorted(byScore)) {
    if (best.length === limit) break;
    const chunk = chunkOf(one.entry, rangeOf(one), linesAfter);
    if (taken.some((other) => overlap(one, other)) || best.some(({ chunk: { text } }) => text === chunk.text)) continue;
    taken.push(one);
    best.push({ chunk, score: one.score });
  }
  return best;
}

const rangeOf = ({ entry, at }: Found): Range => entry.chunks[at];

/** Numbers for the terms of texts, in the order of `numbers`. */
function createVocabulary() {
  const numbers = new Map<string, number>();
  const ofIdentifiers = new Map<string, readonly number[]>();

  function numberOf(term: string): number {
    const number = numbers.get(term) ?? numbers.size;
    numbers.set(term, number);
    return number;
  }

  return {
    numbers,
    numberOf,
    termsIn: (text: string): number[] =>
      identifiersOf(text).flatMap((identifier) => {
        const terms = ofIdentifiers.get(identifier) ?? termsOfIdentifier(identifier).map(numberOf);
        ofIdentifiers.set(identifier, terms);
        return terms;
      }),
  };
}

function startsOf(text: string): Uint32Array {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return Uint32Array.from([...starts, text.length]);
}

const bytesOf = ({ file, lineStarts, terms, ends, declarations }: Entry) =>
  file.text.length + 4 * (lineStarts.length + terms.length) + 80 * (ends.length + declarations.length) + 500;

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The best first; of chunks that are alike, the one that comes first by URI and line. */
const byScore = (a: Found, b: Found) =>
  b.score - a.score || order(a.entry.file.uri, b.entry.file.uri) || rangeOf(a).firstLine - rangeOf(b).firstLine;

const overlap = (a: Found, b: Found) =>
  a.entry === b.entry && rangeOf(a).firstLine <= rangeOf(b).lastLine && rangeOf(b).firstLine <= rangeOf(a).lastLine;

const chunkOf = ({ file, lineStarts }: Entry, { firstLine, lastLine }: Range, after: number): Chunk => ({
  ...file,
  firstLine,
  lastLine,
  text: linesOf(file.text, lineStarts, firstLine, lastLine + after),
});

/** Lines of a text, without the line end of the last one. */
function linesOf(text: string, starts: Uint32Array, first: number, last: number): string {
  const count = starts.length - 1;
  return text.slice(starts[Math.min(first, count)], last + 1 < count ? starts[last + 1] - 1 : text.length);
}
