// Divides a file into chunks: ranges of lines that are searched, each with the lines after it that are shown with it.

/** Lines of a file, from 0, inclusive. */
export interface Range {
  firstLine: number;
  lastLine: number;
}

/** A window of `length` lines begins every `step` lines, and `after` lines that follow it are shown with it. */
const window = { length: 16, step: 8 };
export const linesAfter = 8;

/** Windows over `count` lines; the last one ends with the file. */
export function windows(count: number): Range[] {
  const ranges: Range[] = [];
  for (let firstLine = 0; ; firstLine += window.step) {
    const end = Math.min(firstLine + window.length, count);
    ranges.push({ firstLine, lastLine: end - 1 });
    if (end === count) return ranges;
  }
}
