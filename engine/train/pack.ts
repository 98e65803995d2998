// Packs several examples into one sequence, so that few rows of a pass are wasted; none sees another. Best-fit packing
// (Ding et al., arXiv:2404.10830): the longest example first, each where the least room is left over.

import type { Example } from "./example";

/** Arrays of one length, with a row for each token. A type, not an interface, so that it is a Record of values too. */
export type Sequence = {
  tokens: Int32Array;
  /** The next token of the same example; −1 where there is none. */
  targets: Int32Array;
  /** Counted from 0 in each example. */
  positions: Int32Array;
  /** The row at which this row's example begins; in the padding the row itself. */
  starts: Int32Array;
  /** The weight of the target's loss; 0 where the target is only read, or there is none. */
  weights: Float32Array;
};

/**
 * Sequences of `length` rows. An example takes one row less than it has tokens, since nothing follows the last. Throws
 * RangeError where an example is too long.
 */
export function pack(examples: readonly Example[], length: number): Sequence[] {
  const useful = examples.filter(({ learned }) => learned.subarray(1).some(Boolean));
  const tooLong = useful.find((example) => rows(example) > length);
  if (tooLong) throw new RangeError(`An example takes ${rows(tooLong)} rows, but a sequence has ${length}`);
  const bins: Example[][] = [];
  /** At each index the bins with that much room left. */
  const open: Example[][][] = Array.from({ length: length + 1 }, () => []);
  for (const example of useful.toSorted((a, b) => rows(b) - rows(a))) {
    let room = rows(example);
    while (room <= length && open[room].length === 0) room++;
    const bin = open[room]?.pop() ?? [];
    if (bin.length === 0) bins.push(bin);
    bin.push(example);
    open[Math.min(room, length) - rows(example)].push(bin);
  }
  return bins.map((bin) => sequenceOf(bin, length));
}

const rows = ({ ids }: Example) => ids.length - 1;

function sequenceOf(examples: readonly Example[], length: number): Sequence {
  const sequence: Sequence = {
    tokens: new Int32Array(length),
    targets: new Int32Array(length).fill(-1),
    positions: new Int32Array(length),
    starts: Int32Array.from({ length }, (_, row) => row),
    weights: new Float32Array(length),
  };
  let start = 0;
  for (const { ids, learned } of examples) {
    const end = start + ids.length - 1;
    sequence.tokens.set(ids.subarray(0, -1), start);
    sequence.targets.set(ids.subarray(1), start);
    sequence.weights.set(learned.subarray(1), start);
    sequence.starts.fill(start, start, end);
    for (let row = start; row < end; row++) sequence.positions[row] = row - start;
    start = end;
  }
  return sequence;
}
