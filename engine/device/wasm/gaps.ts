// What is free of a stretch of addresses.

import { partitionPoint } from "../../graph/sorted";

interface Gap {
  from: number;
  to: number;
}

export function createGaps(from: number, to: number) {
  /** In order of address; between any two is something taken. */
  const gaps: Gap[] = [{ from, to }];

  /** Takes `bytes` at the lowest address where they fit; undefined where they fit nowhere. */
  function take(bytes: number): number | undefined {
    const at = gaps.findIndex(({ from, to }) => to - from >= bytes);
    if (at < 0) return undefined;
    const { from } = gaps[at];
    gaps[at].from += bytes;
    if (gaps[at].from === gaps[at].to) gaps.splice(at, 1);
    return from;
  }

  /** Makes a stretch that was taken, or never belonged to this, free. */
  function give(from: number, to: number) {
    const at = partitionPoint(gaps, (gap) => gap.from < from);
    const joined = { from, to };
    const [before, after] = [gaps[at - 1], gaps[at]];
    const joinsBefore = before?.to === from;
    const joinsAfter = after?.from === to;
    if (joinsBefore) joined.from = before.from;
    if (joinsAfter) joined.to = after.to;
    gaps.splice(joinsBefore ? at - 1 : at, Number(joinsBefore) + Number(joinsAfter), joined);
  }

  /** Bytes that are free right before an address. */
  const before = (address: number): number => {
    const gap = gaps.find(({ to }) => to === address);
    return gap ? address - gap.from : 0;
  };

  return { take, give, before };
}
