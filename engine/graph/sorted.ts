// Lists that are kept in order.

/** How many items at the beginning of `items` fulfil a condition that those after them do not. */
export function partitionPoint<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(items[middle])) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Puts an item into a list in rising order of `by`, behind those that are equal. */
export function insert<T>(items: T[], item: T, by: (item: T) => number): void {
  const key = by(item);
  items.splice(
    partitionPoint(items, (other) => by(other) <= key),
    0,
    item,
  );
}
