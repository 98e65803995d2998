// A first-fit free list: which ranges of addresses are free.

import { partitionPoint } from "../../graph/sorted";

interface Range {
  from: number;
  to: number;
}

export function createFreeList(from: number, to: number) {
  /** In order of address. No two of them touch. */
  const ranges: Range[] = [{ from, to }];

  /** Takes `bytes` from the lowest range that is large enough; undefined where none is. */
  function take(bytes: number): number | undefined {
    const at = ranges.findIndex(({ from, to }) => to - from >= bytes);
    if (at < 0) return undefined;
    const { from } = ranges[at];
    ranges[at].from += bytes;
    if (ranges[at].from === ranges[at].to) ranges.splice(at, 1);
    return from;
  }

  /** Adds a range that was taken, or that is new, to the free ones. */
  function give(from: number, to: number) {
    const at = partitionPoint(ranges, (range) => range.from < from);
    const joined = { from, to };
    const [before, after] = [ranges[at - 1], ranges[at]];
    const joinsBefore = before?.to === from;
    const joinsAfter = after?.from === to;
    if (joinsBefore) joined.from = before.from;
    if (joinsAfter) joined.to = after.to;
    ranges.splice(joinsBefore ? at - 1 : at, Number(joinsBefore) + Number(joinsAfter), joined);
  }

  /** How many bytes right before an address are free. */
  const before = (address: number): number => {
    const range = ranges.find(({ to }) => to === address);
    return range ? address - range.from : 0;
  };

  return { take, give, before };
}
