// Byte pair encoding (Sennrich et al., 2016): merges the neighbouring pair of lowest rank, the leftmost first, until no
// pair is left that merges. SentencePiece's BPE is the same, with ranks in the order of the merged tokens' scores.

/** (left, right) → (rank, merged): an open-addressed hash table in four typed arrays. */
export class PairTable {
  private readonly mask: number;
  private readonly lefts: Int32Array;
  private readonly rights: Int32Array;
  readonly ranks: Int32Array;
  readonly merged: Int32Array;

  constructor(pairs: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * pairs + 2));
    this.mask = size - 1;
    this.lefts = new Int32Array(size).fill(-1);
    this.rights = new Int32Array(size);
    this.ranks = new Int32Array(size);
    this.merged = new Int32Array(size);
  }

  /** Of a pair that is listed twice, the first entry counts. */
  add(left: number, right: number, rank: number, merged: number): void {
    const slot = this.probe(left, right);
    if (this.lefts[slot] >= 0) return;
    this.lefts[slot] = left;
    this.rights[slot] = right;
    this.ranks[slot] = rank;
    this.merged[slot] = merged;
  }

  /** The slot of a pair's rank and result; −1 where it does not merge. */
  find(left: number, right: number): number {
    const slot = this.probe(left, right);
    return this.lefts[slot] < 0 ? -1 : slot;
  }

  private probe(left: number, right: number): number {
    const { lefts, rights, mask } = this;
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (lefts[slot] >= 0 && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & mask;
    return slot;
  }
}

/** The queue's keys, rank · 2³² + position, are exact doubles. They sort by rank, then by position. */
const position = 2 ** 32;

/** Merges `symbols` (token ids) in O(n log n), so that a megabyte without a space takes no longer than many words. */
export function mergePairs(symbols: readonly number[], pairs: PairTable): number[] {
  const count = symbols.length;
  const ids = Int32Array.from(symbols);
  const next = Int32Array.from(ids, (_, i) => i + 1);
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const queue: number[] = [];

  const offer = (left: number) => {
    if (left < 0 || next[left] >= count) return;
    const slot = pairs.find(ids[left], ids[next[left]]);
    if (slot >= 0) push(queue, pairs.ranks[slot] * position + left);
  };
  for (let i = 0; i + 1 < count; i++) offer(i);

  while (queue.length > 0) {
    const best = pop(queue);
    const left = best % position;
    if (ids[left] < 0 || next[left] >= count) continue;
    const right = next[left];
    const slot = pairs.find(ids[left], ids[right]);
    if (slot < 0 || pairs.ranks[slot] !== Math.floor(best / position)) continue; // one side has been merged in the meantime
    ids[left] = pairs.merged[slot];
    ids[right] = -1;
    next[left] = next[right];
    if (next[right] < count) previous[next[right]] = left;
    offer(previous[left]);
    offer(left);
  }
  return Array.from(ids.filter((id) => id >= 0));
}

function push(heap: number[], key: number): void {
  let child = heap.length;
  heap.push(key);
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[child] = heap[parent];
    child = parent;
  }
  heap[child] = key;
}

function pop(heap: number[]): number {
  const top = heap[0];
  const key = heap.pop()!;
  const count = heap.length;
  if (count === 0) return top;
  let parent = 0;
  for (let child = 1; child < count; child = 2 * parent + 1) {
    if (child + 1 < count && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= key) break;
    heap[parent] = heap[child];
    parent = child;
  }
  heap[parent] = key;
  return top;
}
