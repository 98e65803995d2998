// What the kernels of attention and of its reverse pass share. They multiply four rows by a tile of up to 64 columns; one
// of the two are queries, the other keys. Packed, four rows are [value][4], and columns [column / 8][value][8].

import { Call } from "../device/wasm/call.simd";
import { interleave } from "../device/wasm/interleave.simd";
import { exp2, madd } from "../device/wasm/math.simd";
import { tileColumns } from "./attention.tiles";

/** Bytes from one row of a tile to the next. */
export const tileStride: usize = 4 * tileColumns;

/** The params of attention, and of each op of its reverse pass. */
@unmanaged
export class AttentionSizesCall extends Call {
  count: i32;
  heads: i32;
  kvHeads: i32;
  dim: i32;
  valueDim: i32;
  capacity: i32;
  scale: f32;
  softCap: f32;
}

/** Below any score, but finite. */
export const lowest: f32 = -1e30;

/** The first key that a query sees, given the address of `starts`, which is 0 where there are none. */
export function firstSeen(starts: usize, query: i32): i32 {
  return starts === 0 ? 0 : max(0, load<i32>(starts + ((<usize>query) << 2)));
}

/** The end of the keys that a query sees, exclusive. */
export function endSeen(positions: usize, query: i32, capacity: i32): i32 {
  return min(load<i32>(positions + ((<usize>query) << 2)) + 1, capacity);
}

/** The first key that any of the queries [query, end) sees. */
export function firstOf(starts: usize, query: i32, end: i32, capacity: i32): i32 {
  let first = capacity;
  for (; query < end; query++) first = min(first, firstSeen(starts, query));
  return first;
}

/** The end of the keys that any of the queries [query, end) sees, exclusive. */
export function endOf(positions: usize, query: i32, end: i32, capacity: i32): i32 {
  let last = 0;
  for (; query < end; query++) last = max(last, endSeen(positions, query, capacity));
  return last;
}

/** Packs four rows, which are `bytes` long and `stride` bytes apart. Where there are fewer, the last is repeated. */
export function packRows(first: usize, stride: usize, rows: i32, bytes: usize, to: usize): void {
  const b = first + <usize>min(1, rows - 1) * stride;
  const c = first + <usize>min(2, rows - 1) * stride;
  const d = first + <usize>min(3, rows - 1) * stride;
  interleave(first, b, c, d, bytes, to, 16);
}

/** Packs columns, which are `bytes` long and `stride` bytes apart. The last is repeated up to a multiple of 4. */
export function packColumns(first: usize, stride: usize, columns: i32, bytes: usize, to: usize): void {
  for (let i = 0; i < columns; i += 4) {
    const a = first + <usize>i * stride;
    const b = first + <usize>min(i + 1, columns - 1) * stride;
    const c = first + <usize>min(i + 2, columns - 1) * stride;
    const d = first + <usize>min(i + 3, columns - 1) * stride;
    interleave(a, b, c, d, bytes, to + <usize>(i >> 3) * bytes * 8 + <usize>((i & 4) << 2), 32);
  }
}

/** The dot products of four packed rows with `count` packed columns, all of `size` values. */
export function multiply(rows: usize, columns: usize, products: usize, size: i32, count: i32): void {
  let k = columns;
  let y = products;
  for (let i = 0; i < count; i += 8, y += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let q = rows;
    for (const end = k + <usize>(32 * size); k < end; k += 32, q += 16) {
      const low = v128.load(k);
      const high = v128.load(k, 16);
      const a = v128.load32_splat(q);
      a0 = madd(a, low, a0);
      a1 = madd(a, high, a1);
      const b = v128.load32_splat(q, 4);
      b0 = madd(b, low, b0);
      b1 = madd(b, high, b1);
      const c = v128.load32_splat(q, 8);
      c0 = madd(c, low, c0);
      c1 = madd(c, high, c1);
      const d = v128.load32_splat(q, 12);
      d0 = madd(d, low, d0);
      d1 = madd(d, high, d1);
    }
    v128.store(y, a0);
    v128.store(y, a1, 16);
    v128.store(y, b0, 256);
    v128.store(y, b1, 272);
    v128.store(y, c0, 512);
    v128.store(y, c1, 528);
    v128.store(y, d0, 768);
    v128.store(y, d1, 784);
  }
}

/** Soft-caps the scores of four rows, cap · tanh(score / cap), unless `cap` is 0. It has the same scale as the scores. */
export function capScores(scores: usize, columns: i32, cap: f32): void {
  if (cap === 0) return;
  for (let r: usize = 0; r < 4; r++)
    for (let at = scores + r * tileStride, end = at + <usize>(4 * columns); at < end; at += 16)
      v128.store(at, softCapped(v128.load(at), cap));
}

/** cap · tanh(x / cap). tanh |t| = (1 − u) / (1 + u), with u = e^(−2 |t|). */
function softCapped(x: v128, cap: f32): v128 {
  const e = exp2(f32x4.mul(f32x4.abs(x), f32x4.splat((-2 * <f32>Math.LOG2E) / cap)));
  const one = f32x4.splat(1);
  const capped = f32x4.mul(f32x4.splat(cap), f32x4.div(f32x4.sub(one, e), f32x4.add(one, e)));
  return v128.bitselect(x, capped, i32x4.splat(0x80000000));
}

/** The derivative of a capped score with respect to the score: 1 − (capped / cap)². */
export function capDerivative(capped: v128, cap: f32): v128 {
  const tangent = f32x4.mul(capped, f32x4.splat(1 / cap));
  return f32x4.sub(f32x4.splat(1), f32x4.mul(tangent, tangent));
}

/**
 * The probabilities 2^(scores · factor + log), where `log` is −log₂ e · log-sum-exp of the row. `places` are the keys'
 * indices among the keys that the query sees; outside [0, seen) the probability is 0.
 */
export function probabilitiesOf(scores: v128, factor: v128, log: v128, places: v128, seen: v128): v128 {
  return v128.and(exp2(madd(scores, factor, log)), i32x4.lt_u(places, seen));
}

/** sums [4][bytes] += weights [4][tile] · rows. The rows are `bytes` long and `stride` bytes apart. */
export function addRows(first: usize, stride: usize, rows: i32, bytes: usize, sums: usize, weights: usize): void {
  const end = weights + <usize>(4 * rows);
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    const y = sums + at;
    let a0 = v128.load(y);
    let a1 = v128.load(y, 16);
    let b0 = v128.load(y + bytes);
    let b1 = v128.load(y + bytes, 16);
    let c0 = v128.load(y + 2 * bytes);
    let c1 = v128.load(y + 2 * bytes, 16);
    let d0 = v128.load(y + 3 * bytes);
    let d1 = v128.load(y + 3 * bytes, 16);
    let v = first + at;
    for (let p = weights; p < end; p += 4, v += stride) {
      const low = v128.load(v);
      const high = v128.load(v, 16);
      const a = v128.load32_splat(p);
      a0 = madd(a, low, a0);
      a1 = madd(a, high, a1);
      const b = v128.load32_splat(p, 256);
      b0 = madd(b, low, b0);
      b1 = madd(b, high, b1);
      const c = v128.load32_splat(p, 512);
      c0 = madd(c, low, c0);
      c1 = madd(c, high, c1);
      const d = v128.load32_splat(p, 768);
      d0 = madd(d, low, d0);
      d1 = madd(d, high, d1);
    }
    v128.store(y, a0);
    v128.store(y, a1, 16);
    v128.store(y + bytes, b0);
    v128.store(y + bytes, b1, 16);
    v128.store(y + 2 * bytes, c0);
    v128.store(y + 2 * bytes, c1, 16);
    v128.store(y + 3 * bytes, d0);
    v128.store(y + 3 * bytes, d1, 16);
  }
  for (; at < bytes; at += 4)
    for (let r: usize = 0; r < 4; r++) {
      let total = load<f32>(sums + r * bytes + at);
      let v = first + at;
      for (let p = weights; p < end; p += 4, v += stride) total += load<f32>(p + r * tileStride) * load<f32>(v);
      store<f32>(sums + r * bytes + at, total);
    }
}

/**
 * The log-sum-exp, given the maximum score times log₂ e, and the total of 2^(score − maximum); 0 where nothing is seen.
 */
export function logSumExp(rowMax: f32, total: f32): f32 {
  return total > 0 ? rowMax * <f32>Math.LN2 + <f32>Math.log(total) : 0;
}

/** 1 / total; 0 where a query sees nothing. */
export function inverse(total: f32): f32 {
  return total > 0 ? <f32>1 / total : 0;
}
