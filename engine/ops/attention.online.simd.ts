// The online softmax of attention's kernels, and how they split the keys. In the weighted sums of a row, all scores are
// relative to the row's maximum so far; where that rises, they are rescaled. Of four rows there are the sums of values
// [4][bytes], then the maxima [4] and the totals [4]. Scores are multiplied by log₂ e, for exp2.

import { input, output } from "../device/wasm/call.simd";
import { exp2, largest, sum } from "../device/wasm/math.simd";
import { scaleInto } from "../device/wasm/rows.simd";
import { AttentionSizesCall, endOf, firstOf, inverse, logSumExp, lowest, tileStride } from "./attention.tile.simd";
import { tileColumns } from "./attention.tiles";

@unmanaged
export class AttentionCall extends AttentionSizesCall {
  /** Queries of a block. */
  queries: i32;
  /** Parts of the keys: more than one where there are too few queries to keep all threads busy. */
  parts: i32;
}

/** Bytes of the sums, maxima and totals of four rows, given the bytes of one row's sums. */
export function sumsSize(bytes: usize): usize {
  return 4 * bytes + 32;
}

/** No sums yet. */
export function clearSums(sums: usize, bytes: usize): void {
  memory.fill(sums, 0, sumsSize(bytes));
  v128.store(sums + 4 * bytes, f32x4.splat(lowest));
}

/** Where part `part` of the keys that a block of queries sees begins, and where the part before it ends. */
export function boundary(call: AttentionCall, block: i32, part: i32): i32 {
  const first = block * call.queries;
  const end = min(first + call.queries, call.count);
  const capacity = call.capacity;
  const firstKey = firstOf(input(call, 4), first, end, capacity);
  const endKey = endOf(input(call, 3), first, end, capacity);
  const tiles = (max(0, endKey - firstKey) + tileColumns - 1) / tileColumns;
  return min(endKey, firstKey + ((tiles * part) / call.parts) * tileColumns);
}

/** The online softmax of row r: replaces scores by 2^(score − maximum so far), and those outside [from, to) by 0. */
export function onlineSoftmax(scores: usize, sums: usize, bytes: usize, r: i32, from: i32, to: i32): void {
  if (from >= to) {
    memory.fill(scores, 0, tileStride);
    return;
  }
  const runningMax = sums + 4 * bytes + <usize>(4 * r);
  const before = load<f32>(runningMax);
  const rowMax = max(before, highestOf(scores, from, to));
  if (rowMax > before) {
    const factor = power(before - rowMax);
    scaleInto(sums + <usize>r * bytes, sums + <usize>r * bytes, bytes, factor);
    store<f32>(runningMax, rowMax);
    store<f32>(runningMax, load<f32>(runningMax, 16) * factor, 16);
  }
  const base = f32x4.splat(rowMax);
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < tileStride; at += 16) {
    const powers = exp2(f32x4.sub(v128.load(scores + at), base));
    v128.store(scores + at, powers);
    total = f32x4.add(total, powers);
  }
  store<f32>(runningMax, load<f32>(runningMax, 16) + sum(total), 16);
}

/** 2^x for x ≤ 0. */
export function power(x: f32): f32 {
  return f32x4.extract_lane(exp2(f32x4.splat(x)), 0);
}

/** The highest score of a row in [from, to). The others become too low to count. */
export function highestOf(scores: usize, from: i32, to: i32): f32 {
  for (let i = 0; i < from; i++) store<f32>(scores + <usize>(4 * i), lowest);
  for (let i = to; i < tileColumns; i++) store<f32>(scores + <usize>(4 * i), lowest);
  let even = v128.load(scores);
  let odd = v128.load(scores, 16);
  for (let at: usize = 32; at < tileStride; at += 32) {
    even = f32x4.pmax(even, v128.load(scores + at));
    odd = f32x4.pmax(odd, v128.load(scores + at, 16));
  }
  return largest(f32x4.pmax(even, odd));
}

/**
 * Writes row r of four as row `row` of the output: its sums divided by its total; or, where the keys are split, its sums,
 * its maximum and its total.
 */
export function writeRow(call: AttentionCall, row: i32, part: i32, sums: usize, bytes: usize, r: i32): void {
  const valueBytes = (<usize>call.valueDim) << 2;
  const from = sums + <usize>r * bytes;
  const runningMax = sums + 4 * bytes + <usize>(4 * r);
  const parts = call.parts;
  if (parts === 1) {
    scaleInto(output(call) + <usize>row * valueBytes, from, valueBytes, inverse(load<f32>(runningMax, 16)));
    store<f32>(output(call, 1) + ((<usize>row) << 2), logSumExp(load<f32>(runningMax), load<f32>(runningMax, 16)));
    return;
  }
  const y = output(call) + <usize>(row * parts + part) * (valueBytes + 8);
  memory.copy(y, from, valueBytes);
  store<f32>(y + valueBytes, load<f32>(runningMax));
  store<f32>(y + valueBytes, load<f32>(runningMax, 16), 4);
}
