// A binary heap, whose order is a function of two items.

/** Whether `a` comes out before `b`. */
export type Before<T> = (a: T, b: T) => boolean;

/** Adds an item. */
export function push<T>(heap: T[], item: T, before: Before<T>): void {
  let child = heap.length;
  heap.push(item);
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!before(item, heap[parent])) break;
    heap[child] = heap[parent];
    child = parent;
  }
  heap[child] = item;
}

/** Removes and returns the first item; undefined where the heap is empty. */
export function pop<T>(heap: T[], before: Before<T>): T | undefined {
  const top = heap[0];
  const item = heap.pop();
  const count = heap.length;
  if (item === undefined || count === 0) return top;
  let parent = 0;
  for (let child = 1; child < count; child = 2 * parent + 1) {
    if (child + 1 < count && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], item)) break;
    heap[parent] = heap[child];
    parent = child;
  }
  heap[parent] = item;
  return top;
}
