// What attention and the ops of its reverse pass share: shapes, masking, scores.

import { type Shape, ShapeError } from "../graph/tensor";
import { type Attrs, expectShape, type Params } from "./op";

export interface AttentionAttrs extends Attrs {
  /** The factor of q·k, usually 1 / √dim. */
  scale: number;
  /** Scores become softCap · tanh(score / softCap) (arXiv:2408.00118); 0 leaves them as they are. */
  softCap: number;
}

export interface AttentionParams extends Params {
  count: number;
  heads: number;
  kvHeads: number;
  dim: number;
  valueDim: number;
  capacity: number;
  scale: number;
  softCap: number;
}

/** The shapes of an op's operands. Those that it does not have are left out. */
interface AttentionShapes {
  q: Shape;
  keys: Shape;
  positions: Shape;
  values?: Shape;
  starts?: Shape;
  /** Of attention's output, or of the gradient of that. */
  y?: Shape;
  lseDelta?: Shape;
}

/** Throws ShapeError unless the shapes fit together. `name` is the op's. */
export function expectAttention(
  name: string,
  { q, keys, positions, values, starts, y, lseDelta }: AttentionShapes,
): void {
  expectShape(`${name}: q`, q, [null, null, null]);
  const [count, heads, dim] = q;
  expectShape(`${name}: keys`, keys, [null, null, dim]);
  const [capacity, kvHeads] = keys;
  expectShape(`${name}: positions`, positions, [count]);
  if (values) expectShape(`${name}: values`, values, [capacity, kvHeads, null]);
  if (starts) expectShape(`${name}: starts`, starts, [count]);
  if (y) expectShape(`${name}: y`, y, [count, heads, values?.[2] ?? null]);
  if (lseDelta) expectShape(`${name}: lseDelta`, lseDelta, [count, heads, 2]);
  if (heads % kvHeads) throw new ShapeError(`${name}: ${heads} heads cannot share ${kvHeads} KV heads evenly`);
}

export const attentionParams = (q: Shape, keys: Shape, valueDim: number, attrs: AttentionAttrs): AttentionParams => ({
  count: q[0],
  heads: q[1],
  kvHeads: keys[1],
  dim: q[2],
  valueDim,
  capacity: keys[0],
  scale: attrs.scale,
  softCap: attrs.softCap,
});

type Values = ArrayLike<number>;

/** Calls `see` with each (query, head) and each (key, KV head) that it attends to, both as indices of rows. */
export function eachSeen(
  { count, heads, kvHeads, capacity }: AttentionParams,
  positions: Values,
  starts: Values | undefined,
  see: (query: number, key: number) => void,
): void {
  for (let i = 0; i < count; i++)
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      for (let j = Math.max(starts?.[i] ?? 0, 0); j <= Math.min(positions[i], capacity - 1); j++)
        see(i * heads + head, j * kvHeads + kvHead);
    }
}

/** The score of a query and a key, given q·k. */
export function scoreOf(product: number, { scale, softCap }: AttentionParams): number {
  return softCap ? softCap * Math.tanh((product * scale) / softCap) : product * scale;
}

/** The derivative of a score with respect to q·k, given the score. */
export function scoreDerivative(score: number, { scale, softCap }: AttentionParams): number {
  return softCap ? scale * (1 - (score / softCap) ** 2) : scale;
}

/** The dot product of row i of a and row j of b, which have `size` values. */
export function dot(a: Values, i: number, b: Values, j: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += a[i * size + k] * b[j * size + k];
  return sum;
}

/** Adds row j of b, times a factor, to row i of y. Both have `size` values. */
export function addRow(y: Float64Array, i: number, b: Values, j: number, size: number, factor: number): void {
  for (let k = 0; k < size; k++) y[i * size + k] += factor * b[j * size + k];
}
