// What the reverse pass of an attention needs of each row: log Σ exp(score) and Σ g·y. Rows are the queries of a block,
// with each of the heads that share the keys; columns are the keys that any of them sees.
//
// Params: the op's (count, heads, kvHeads, dim, valueDim, capacity, scale), then queries (of a block, a multiple of 4).
// Items: KV head × block.

import { count, input, output, param } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { exp2, largest, madd, sum } from "../device/wasm/math.simd";
import {
  endOf,
  endSeen,
  firstOf,
  firstSeen,
  lowest,
  multiply,
  packColumns,
  packRows,
  tileColumns,
  tileStride,
} from "./attention.tile.simd";

export function attentionSums(call: usize, from: i32, to: i32): void {
  const queries = count(call, 7);
  const blocks = (count(call, 0) + queries - 1) / queries;
  for (let item = from; item < to; item++) addUp(call, item / blocks, (item % blocks) * queries);
}

/** The heads of one KV head for a block of queries, which begins with query `first`. */
function addUp(call: usize, kvHead: i32, first: i32): void {
  const heads = count(call, 1);
  const shared = heads / count(call, 2);
  const dim = count(call, 3);
  const bytes = (<usize>dim) << 2;
  const capacity = count(call, 5);
  const end = min(first + count(call, 7), count(call, 0));
  const keys = input(call, 1) + <usize>kvHead * bytes;
  const stride = <usize>count(call, 2) * bytes;
  const positions = input(call, 2);
  const starts = input(call, 3);

  // Local memory: packed keys, scores of four rows; then of each four rows queries [dim][4] and, of each row, its highest
  // scores [4] and totals [4], of every fourth key.
  const keyTile = local();
  const scores = keyTile + tileStride * <usize>dim;
  const rowsAt = scores + 4 * tileStride;
  const fourBytes = 4 * bytes + 128;

  for (let query = first, at = rowsAt; query < end; query += 4)
    for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes) {
      packRows(input(call, 0) + <usize>(query * heads + head) * bytes, <usize>heads * bytes, end - query, bytes, at);
      for (let r: usize = 0; r < 4; r++) {
        v128.store(at + 4 * bytes + 32 * r, f32x4.splat(lowest));
        v128.store(at + 4 * bytes + 32 * r, f32x4.splat(0), 16);
      }
    }

  const most = endOf(positions, first, end, capacity);
  for (let key = firstOf(starts, first, end, capacity); key < most; key += tileColumns) {
    const columns = min(tileColumns, most - key);
    packColumns(keys + <usize>key * stride, stride, columns, bytes, keyTile);
    for (let query = first, at = rowsAt; query < end; query += 4) {
      // Of the tile's columns, those that any of the four queries sees; from a multiple of 8 on, as they are packed.
      const from = max(0, firstOf(starts, query, min(query + 4, end), capacity) - key) & ~7;
      const some = min(columns, endOf(positions, query, min(query + 4, end), capacity) - key) - from;
      for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes) {
        if (some <= 0) continue;
        multiply(at, keyTile + <usize>from * bytes, scores, dim, some);
        for (let r = 0; r < min(4, end - query); r++)
          takeIn(call, query + r, key + from, some, scores + <usize>r * tileStride, at + 4 * bytes + <usize>(32 * r));
      }
    }
  }

  for (let query = first, at = rowsAt + 4 * bytes; query < end; query += 4)
    for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes)
      for (let r = 0; r < min(4, end - query); r++) finish(call, (query + r) * heads + head, at + <usize>(32 * r));
}

/** Takes a row's scores, of keys from `key` on, into its highest so far and its totals, in units of 2^highest. */
function takeIn(call: usize, query: i32, key: i32, columns: i32, scores: usize, tops: usize): void {
  const first = firstSeen(input(call, 3), query);
  const seen = i32x4.splat(max(0, endSeen(input(call, 2), query, count(call, 5)) - first));
  const factor = f32x4.splat(param(call, 6) * <f32>Math.LOG2E);
  const end = scores + <usize>(4 * columns);
  const before = v128.load(tops);
  let places = i32x4.add(i32x4.splat(key - first), i32x4(0, 1, 2, 3));
  let top = before;
  for (let at = scores; at < end; at += 16) {
    const score = f32x4.mul(v128.load(at), factor);
    const known = v128.bitselect(score, f32x4.splat(lowest), i32x4.lt_u(places, seen));
    v128.store(at, known);
    top = f32x4.pmax(top, known);
    places = i32x4.add(places, i32x4.splat(4));
  }
  let total = f32x4.mul(v128.load(tops, 16), exp2(f32x4.sub(before, top)));
  for (let at = scores; at < end; at += 16) total = f32x4.add(total, exp2(f32x4.sub(v128.load(at), top)));
  v128.store(tops, top);
  v128.store(tops, total, 16);
}

/** Writes what a row adds up to. */
function finish(call: usize, row: i32, tops: usize): void {
  const tops4 = v128.load(tops);
  const top = largest(tops4);
  const total = sum(f32x4.mul(v128.load(tops, 16), exp2(f32x4.sub(tops4, f32x4.splat(top)))));
  const bytes = (<usize>count(call, 4)) << 2;
  const y = input(call, 4) + <usize>row * bytes;
  const g = input(call, 5) + <usize>row * bytes;
  const sums = output(call) + ((<usize>row) << 3);
  store<f32>(sums, top > lowest ? top * <f32>Math.LN2 + <f32>Math.log(total) : 0);
  store<f32>(sums, inner(g, y, bytes), 4);
}

function inner(a: usize, b: usize, bytes: usize): f32 {
  let sums = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) sums = madd(v128.load(a + at), v128.load(b + at), sums);
  let total = sum(sums);
  for (; at < bytes; at += 4) total += load<f32>(a + at) * load<f32>(b + at);
  return total;
}
