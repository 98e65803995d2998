// The one stretch in which two versions of a text differ.

export interface Change {
  start: number;
  oldEnd: number;
  newEnd: number;
}

export function change(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < most - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

export function pointAt(text: string, index: number): { row: number; column: number } {
  let [row, line] = [0, 0];
  for (let end = text.indexOf("\n"); end >= 0 && end < index; end = text.indexOf("\n", line)) {
    row++;
    line = end + 1;
  }
  return { row, column: index - line };
}
