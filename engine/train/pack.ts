// Several examples in one sequence, none of which sees another, so that few rows of a pass are wasted: the longest first,
// each where the least room is left over (best-fit packing: Ding et al., arXiv:2404.10830).

import type { Example } from "./example";

/** A row a token; arrays of one length. A type rather than an interface, so that it passes for a loss's input values. */
export type Sequence = {
  tokens: Int32Array;
  /** The token that follows in the same example; −1 where none does. */
  targets: Int32Array;
  /** From 0 in each example. */
  positions: Int32Array;
  /** The row at which the row's example begins; the padding's own. */
  starts: Int32Array;
  /** What the target's loss counts; 0 where it is only read, or there is none. */
  weights: Float32Array;
};

/** An example takes a row less than it has tokens: nothing follows its last. */
export function pack(examples: readonly Example[], length: number): Sequence[] {
  const useful = examples.filter(({ learned }) => learned.subarray(1).some(Boolean));
  const tooLong = useful.find((example) => rows(example) > length);
  if (tooLong) throw new RangeError(`An example takes ${rows(tooLong)} rows, but a sequence has ${length}`);
  const bins: Example[][] = [];
  /** The bins that have so much room left. */
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
