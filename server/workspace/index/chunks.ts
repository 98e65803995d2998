// Divides a file's lines into the chunks that are searched.

/** Lines of a file, from 0, inclusive. */
export interface Range {
  firstLine: number;
  lastLine: number;
}

/** The length of the longest chunk that is cut along the syntax, in lines. */
export const maxLines = 24;

/** Where there is no syntax, a window of `length` lines begins every `step` lines. */
const window = { length: 16, step: 8 };

/** Windows over `count` lines; the last one ends with the file. */
export function windows(count: number): Range[] {
  const ranges: Range[] = [];
  for (let firstLine = 0; ; firstLine += window.step) {
    const end = Math.min(firstLine + window.length, count);
    ranges.push({ firstLine, lastLine: end - 1 });
    if (end === count) return ranges;
  }
}

/**
 * Puts neighbours together until a chunk is full. `possible` are the lines at which a chunk may begin, in ascending order, the
 * first one 0; at those in `needed` one begins. What lies between two of them and is longer than a chunk is cut where a
 * chunk is full. As in cAST (arXiv 2506.15655).
 */
export function pack(possible: readonly number[], needed: ReadonlySet<number>, count: number): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  const close = (end: number) => {
    ranges.push({ firstLine: from, lastLine: end - 1 });
    from = end;
  };
  for (const [i, start] of possible.entries()) {
    const end = possible[i + 1] ?? count;
    if (start > from && (needed.has(start) || end - from > maxLines)) close(start);
    while (end - from > maxLines) close(from + maxLines);
  }
  close(count);
  return ranges;
}
