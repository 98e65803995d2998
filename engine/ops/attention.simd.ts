// Attention in one pass over the keys (FlashAttention, arXiv:2205.14135): for each tile of 64 keys it computes the
// scores, updates the online softmax, and adds to the weighted sums of values. An item's rows are the queries of a block,
// once for each of the heads that share a KV head; four rows are computed at a time. Scores are multiplied by log₂ e, for
// exp2. Items: KV head × block of queries × part of the keys.

import { input, output } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { exp2, largest, sum } from "../device/wasm/math.simd";
import { scaleInto } from "../device/wasm/rows.simd";
import {
  AttentionSizesCall,
  addRows,
  capScores,
  endOf,
  endSeen,
  firstOf,
  firstSeen,
  inverse,
  logSumExp,
  lowest,
  multiply,
  packColumns,
  tileStride,
} from "./attention.tile.simd";
import { halfKeys, tileColumns } from "./attention.tiles";

@unmanaged
export class AttentionCall extends AttentionSizesCall {
  /** Queries of a block. */
  queries: i32;
  /** Parts of the keys: more than one where there are too few queries to keep all threads busy. */
  parts: i32;
}

export function attention(call: AttentionCall, from: i32, to: i32): void {
  const parts = call.parts;
  const blocks = (call.count + call.queries - 1) / call.queries;
  for (let item = from; item < to; item++) {
    const rest = item / parts;
    attend(call, rest / blocks, rest % blocks, item % parts);
  }
}

/** One item: the heads of one KV head, for a block of queries, over a part of the keys. */
function attend(call: AttentionCall, kvHead: i32, block: i32, part: i32): void {
  const queries = call.queries;
  const heads = call.heads;
  const shared = heads / call.kvHeads;
  const dim = call.dim;
  const valueDim = call.valueDim;
  const first = block * queries;
  const rows = min(queries, call.count - first) * shared;
  const fours = (rows + 3) >> 2;

  // Local memory: keys, packed; then for every four rows: queries [dim][4], scores [4][64], and the online softmax's
  // weighted sums of values [4][valueDim], maxima [4] and totals [4].
  const keyTile = local();
  const rowsAt = keyTile + <usize>(4 * halfKeys * dim);
  const queryBytes = <usize>(16 * dim);
  const sumsAt = queryBytes + 4 * tileStride;
  const rowBytes = sumsAt + <usize>(16 * valueDim + 32);

  const capacity = call.capacity;
  const least = firstOf(input(call, 4), first, first + rows / shared, capacity);
  const most = endOf(input(call, 3), first, first + rows / shared, capacity);
  const tiles = (max(0, most - least) + tileColumns - 1) / tileColumns;
  const start = least + ((tiles * part) / call.parts) * tileColumns;
  const end = min(most, least + ((tiles * (part + 1)) / call.parts) * tileColumns);

  for (let four = 0; four < fours; four++) {
    const at = rowsAt + <usize>four * rowBytes;
    for (let r = 0; r < 4 && start < end; r++) {
      const row = min(four * 4 + r, rows - 1);
      const q = (first + row / shared) * heads + kvHead * shared + (row % shared);
      packQuery(input(call, 0) + ((<usize>(q * dim)) << 2), at + <usize>(4 * r), dim, call.scale);
    }
    memory.fill(at + sumsAt, 0, rowBytes - sumsAt);
    v128.store(at + rowBytes - 32, f32x4.splat(lowest));
  }

  const keys = input(call, 1) + ((<usize>(kvHead * dim)) << 2);
  const keyStride = (<usize>(call.kvHeads * dim)) << 2;
  const values = input(call, 2) + ((<usize>(kvHead * valueDim)) << 2);
  const valueStride = (<usize>(call.kvHeads * valueDim)) << 2;
  for (let key = start; key < end; key += tileColumns) {
    const columns = min(tileColumns, end - key);
    for (let half = 0; half < columns; half += halfKeys) {
      const some = min(halfKeys, columns - half);
      packColumns(keys + <usize>(key + half) * keyStride, keyStride, some, (<usize>dim) << 2, keyTile);
      for (let four = 0; four < fours; four++) {
        const at = rowsAt + <usize>four * rowBytes;
        multiply(at, keyTile, at + queryBytes + <usize>(4 * half), dim, some);
      }
    }
    for (let four = 0; four < fours; four++) {
      const at = rowsAt + <usize>four * rowBytes;
      capScores(at + queryBytes, columns, call.softCap * <f32>Math.LOG2E);
      for (let r = 0; r < 4; r++) {
        const query = first + min(four * 4 + r, rows - 1) / shared;
        const from = max(0, firstSeen(input(call, 4), query) - key);
        const to = min(columns, endSeen(input(call, 3), query, capacity) - key);
        onlineSoftmax(at + queryBytes + <usize>r * tileStride, at + sumsAt, r, valueDim, from, to);
      }
      const tileValues = values + <usize>key * valueStride;
      addRows(tileValues, valueStride, columns, (<usize>valueDim) << 2, at + sumsAt, at + queryBytes);
    }
  }

  for (let row = 0; row < rows; row++) {
    const sums = rowsAt + <usize>(row >> 2) * rowBytes + sumsAt;
    writeRow(call, (first + row / shared) * heads + kvHead * shared + (row % shared), part, sums, row & 3);
  }
}

/** Packs a query, scaled, as one of four rows. */
function packQuery(from: usize, to: usize, dim: i32, scale: f32): void {
  const factor = scale * <f32>Math.LOG2E;
  for (let k: usize = 0; k < <usize>dim; k++) store<f32>(to + 16 * k, load<f32>(from + 4 * k) * factor);
}

/**
 * The online softmax of one row: replaces scores by 2^(score − maximum so far), and those outside [from, to) by 0. Where
 * the maximum rises, the row's sums are rescaled to the new one.
 */
function onlineSoftmax(scores: usize, sums: usize, r: i32, valueDim: i32, from: i32, to: i32): void {
  if (from >= to) {
    memory.fill(scores, 0, tileStride);
    return;
  }
  for (let i = 0; i < from; i++) store<f32>(scores + <usize>(4 * i), lowest);
  for (let i = to; i < tileColumns; i++) store<f32>(scores + <usize>(4 * i), lowest);
  let most = v128.load(scores);
  for (let at: usize = 16; at < tileStride; at += 16) most = f32x4.pmax(most, v128.load(scores + at));
  const tops = sums + <usize>(16 * valueDim + 4 * r);
  const before = load<f32>(tops);
  const top = max(before, largest(most));
  if (top > before) rescale(sums + <usize>(4 * r * valueDim), tops, valueDim, top);
  const base = f32x4.splat(top);
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < tileStride; at += 16) {
    const powers = exp2(f32x4.sub(v128.load(scores + at), base));
    v128.store(scores + at, powers);
    total = f32x4.add(total, powers);
  }
  store<f32>(tops, load<f32>(tops, 16) + sum(total), 16);
}

function rescale(sums: usize, tops: usize, valueDim: i32, top: f32): void {
  const factors = exp2(f32x4.splat(load<f32>(tops) - top));
  const factor = f32x4.extract_lane(factors, 0);
  const bytes = <usize>(4 * valueDim);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(sums + at, f32x4.mul(v128.load(sums + at), factors));
  for (; at < bytes; at += 4) store<f32>(sums + at, load<f32>(sums + at) * factor);
  store<f32>(tops, top);
  store<f32>(tops, load<f32>(tops, 16) * factor, 16);
}

/** Writes one row: its sums divided by its total; or, where the keys are split, its sums, its maximum and its total. */
function writeRow(call: AttentionCall, row: i32, part: i32, sums: usize, r: i32): void {
  const bytes = (<usize>call.valueDim) << 2;
  const from = sums + <usize>r * bytes;
  const tops = sums + 4 * bytes + <usize>(4 * r);
  const parts = call.parts;
  if (parts === 1) {
    scaleInto(output(call) + <usize>row * bytes, from, bytes, inverse(load<f32>(tops, 16)));
    store<f32>(output(call, 1) + ((<usize>row) << 2), logSumExp(load<f32>(tops), load<f32>(tops, 16)));
    return;
  }
  const y = output(call) + <usize>(row * parts + part) * (bytes + 8);
  memory.copy(y, from, bytes);
  store<f32>(y + bytes, load<f32>(tops));
  store<f32>(y + bytes, load<f32>(tops, 16), 4);
}
