// Cuts text into pieces where a pattern matches.

/** Cuts a text into pieces, none of them empty, in order. */
export type Cut = (text: string) => string[];

/** Start and end of each match of a pattern in a text, one after the other, in UTF-16 units. */
export type FindAll = (text: string) => number[];

/**
 * Hugging Face's names, beside Isolated (`SplitDelimiterBehavior` of tokenizers). Pieces that are empty matches tell
 * others apart.
 */
const behaviors = {
  /** A match is dropped. */
  Removed: (pieces: readonly Piece[]) => pieces.flatMap(({ text, matched }) => (matched ? [] : [text])),
  /** A match ends the piece before it. */
  MergedWithPrevious: (pieces: readonly Piece[]) => {
    const merged: string[] = [];
    for (const [i, { text, matched }] of pieces.entries())
      if (matched && i > 0 && !pieces[i - 1].matched) merged.push(merged.pop() + text);
      else merged.push(text);
    return merged;
  },
  /** A match begins the piece after it. */
  MergedWithNext: (pieces: readonly Piece[]) => {
    const merged: string[] = [];
    for (const [i, { text, matched }] of pieces.entries())
      if (!matched && pieces[i - 1]?.matched) merged.push(merged.pop() + text);
      else merged.push(text);
    return merged;
  },
  /** Adjacent matches are one piece, and so is the text between them. */
  Contiguous: (pieces: readonly Piece[]) => {
    const merged: string[] = [];
    for (const [i, { text, matched }] of pieces.entries())
      if (pieces[i - 1]?.matched === matched) merged.push(merged.pop() + text);
      else merged.push(text);
    return merged;
  },
};

export type Behavior = keyof typeof behaviors | "Isolated";

interface Piece {
  text: string;
  matched: boolean;
}

export const isBehavior = (name: string): name is Behavior => name === "Isolated" || Object.hasOwn(behaviors, name);
export const behaviorNames = ["Isolated", ...Object.keys(behaviors)];

/** `invert` swaps the matches and the text between them. */
export function cutAtMatches(find: FindAll, behavior: Behavior = "Isolated", invert = false): Cut {
  if (behavior === "Isolated") return (text) => isolate(text, find(text));
  return (text) => {
    const found = find(text);
    const pieces: Piece[] = [];
    const add = (from: number, to: number, matched: boolean) => {
      pieces.push({ text: text.slice(from, to), matched: matched !== invert });
    };
    let end = 0;
    for (let i = 0; i < found.length; i += 2) {
      if (found[i] > end) add(end, found[i], false);
      add(found[i], found[i + 1], true);
      end = found[i + 1];
    }
    if (text.length > end) add(end, text.length, false);
    return behaviors[behavior](pieces).filter(Boolean);
  };
}

/** Each match is a piece. Nearly all tokenizers cut so, hence this has a fast path of its own. */
function isolate(text: string, found: readonly number[]): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const at of found) {
    if (at > end) pieces.push(text.slice(end, at));
    end = at;
  }
  if (text.length > end) pieces.push(text.slice(end));
  return pieces;
}

/** Cuts at each match of a pattern of this engine, which must not match the empty string. */
export const cutAtPattern =
  (pattern: RegExp): Cut =>
  (text) => {
    const pieces: string[] = [];
    let end = 0;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      if (match.index > end) pieces.push(text.slice(end, match.index));
      end = match.index + match[0].length;
      pieces.push(match[0]);
    }
    if (end < text.length) pieces.push(text.slice(end));
    return pieces;
  };

/** Applies the cuts in order, each to the pieces that the one before made. */
export function cutInTurn(text: string, cuts: readonly Cut[]): string[] {
  let pieces = [text];
  for (const cut of cuts) pieces = pieces.flatMap(cut);
  return pieces;
}
