// What is free of a stretch of addresses.

import { partitionPoint } from "../../graph/sorted";

interface Range {
  from: number;
  to: number;
}

export function createFreeList(from: number, to: number) {
  /** In order of address; between any two is something taken. */
  const ranges: Range[] = [{ from, to }];

  /** Takes `bytes` at the lowest address where they fit; undefined where they fit nowhere. */
  function take(bytes: number): number | undefined {
    const at = ranges.findIndex(({ from, to }) => to - from >= bytes);
    if (at < 0) return undefined;
    const { from } = ranges[at];
    ranges[at].from += bytes;
    if (ranges[at].from === ranges[at].to) ranges.splice(at, 1);
    return from;
  }

  /** Makes a stretch that was taken, or never belonged to this, free. */
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

  /** Bytes that are free right before an address. */
  const before = (address: number): number => {
    const range = ranges.find(({ to }) => to === address);
    return range ? address - range.from : 0;
  };

  return { take, give, before };
}
