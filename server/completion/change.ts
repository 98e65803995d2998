// The range in which two versions of a text differ.

export interface Change {
  start: number;
  oldEnd: number;
  newEnd: number;
}

/** The smallest range that covers all differences, as offsets. */
export function change(before: string, after: string): Change {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/** The row and column of an offset, both counted from 0. */
export function pointAt(text: string, index: number): { row: number; column: number } {
  let [row, line] = [0, 0];
  for (let end = text.indexOf("\n"); end >= 0 && end < index; end = text.indexOf("\n", line)) {
    row++;
    line = end + 1;
  }
  return { row, column: index - line };
}
