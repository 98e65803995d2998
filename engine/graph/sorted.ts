// Binary search and insertion in sorted lists.

/** How many items fulfil `isBefore`, which all items up to some place do, and none after it. */
export function partitionPoint<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(items[middle])) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Inserts an item into a list that is sorted by rising `by`, after the items that are equal to it. */
export function insert<T>(items: T[], item: T, by: (item: T) => number): void {
  const key = by(item);
  items.splice(
    partitionPoint(items, (other) => by(other) <= key),
    0,
    item,
  );
}
