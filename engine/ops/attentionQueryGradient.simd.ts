// The gradient of attention's queries (FlashAttention-2, arXiv:2307.08691). Rows are the queries of a block, once for
// each of the heads that share the keys; columns are the keys that any of them sees. Items: KV head × block of queries.

import { input, output } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { scaleInto } from "../device/wasm/rows.simd";
import {
  AttentionSizesCall,
  addRows,
  capDerivative,
  capScores,
  endOf,
  endSeen,
  firstOf,
  firstSeen,
  multiply,
  packColumns,
  packRows,
  probabilitiesOf,
  tileStride,
} from "./attention.tile.simd";
import { tileColumns } from "./attention.tiles";

@unmanaged
export class QueryGradientCall extends AttentionSizesCall {
  /** Queries of a block, a multiple of 4. */
  queries: i32;
}

export function attentionQueryGradient(call: QueryGradientCall, from: i32, to: i32): void {
  const queries = call.queries;
  const blocks = (call.count + queries - 1) / queries;
  for (let item = from; item < to; item++) gradientOfBlock(call, item / blocks, (item % blocks) * queries);
}

/** One item: the heads of one KV head, for the block of queries that begins at `first`. */
function gradientOfBlock(call: QueryGradientCall, kvHead: i32, first: i32): void {
  const heads = call.heads;
  const kvHeads = <usize>call.kvHeads;
  const shared = heads / call.kvHeads;
  const dim = call.dim;
  const valueDim = call.valueDim;
  const bytes = (<usize>dim) << 2;
  const valueBytes = (<usize>valueDim) << 2;
  const capacity = call.capacity;
  const end = min(first + call.queries, call.count);
  const positions = input(call, 3);
  const starts = input(call, 4);
  const keys = input(call, 1) + <usize>kvHead * bytes;
  const values = input(call, 2) + <usize>kvHead * valueBytes;

  // Local memory: a tile of keys and values, packed, scores and dP of four rows; then for every four rows: queries
  // [dim][4], gradients of the output [valueDim][4] and sums [4][dim].
  const keyTile = local();
  const valueTile = keyTile + tileStride * <usize>dim;
  const scores = valueTile + tileStride * <usize>valueDim;
  const dP = scores + 4 * tileStride;
  const rowsAt = dP + 4 * tileStride;
  const sumsAt = 4 * (bytes + valueBytes);
  const fourBytes = sumsAt + 4 * bytes;

  for (let query = first, at = rowsAt; query < end; query += 4)
    for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes) {
      const row = <usize>(query * heads + head);
      packRows(input(call, 0) + row * bytes, <usize>heads * bytes, end - query, bytes, at);
      packRows(input(call, 6) + row * valueBytes, <usize>heads * valueBytes, end - query, valueBytes, at + 4 * bytes);
      memory.fill(at + sumsAt, 0, 4 * bytes);
    }

  const endKey = endOf(positions, first, end, capacity);
  for (let key = firstOf(starts, first, end, capacity); key < endKey; key += tileColumns) {
    const columns = min(tileColumns, endKey - key);
    packColumns(keys + <usize>key * kvHeads * bytes, kvHeads * bytes, columns, bytes, keyTile);
    packColumns(values + <usize>key * kvHeads * valueBytes, kvHeads * valueBytes, columns, valueBytes, valueTile);
    for (let query = first, at = rowsAt; query < end; query += 4) {
      // Only the columns that any of the four queries sees, from a multiple of 8 on, because they are packed in eights.
      const from = max(0, firstOf(starts, query, min(query + 4, end), capacity) - key) & ~7;
      const some = min(columns, endOf(positions, query, min(query + 4, end), capacity) - key) - from;
      const seen = keys + <usize>(key + from) * kvHeads * bytes;
      for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes) {
        if (some <= 0) continue;
        multiply(at, keyTile + <usize>from * bytes, scores, dim, some);
        capScores(scores, some, call.softCap / call.scale);
        multiply(at + 4 * bytes, valueTile + <usize>from * valueBytes, dP, valueDim, some);
        for (let r = 0; r < min(4, end - query); r++)
          toDS(call, query + r, head, key + from, some, scores + <usize>r * tileStride, dP + <usize>r * tileStride);
        addRows(seen, kvHeads * bytes, some, bytes, at + sumsAt, scores);
      }
    }
  }

  for (let query = first, at = rowsAt + sumsAt; query < end; query += 4)
    for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++, at += fourBytes)
      for (let r = 0; r < min(4, end - query); r++) {
        const y = output(call) + <usize>((query + r) * heads + head) * bytes;
        scaleInto(y, at + <usize>r * bytes, bytes, call.scale);
      }
}

/** Replaces a row's scores, of keys from `key` on, by dS = P · (dP − delta), times the derivative of soft-capping. */
function toDS(call: QueryGradientCall, query: i32, head: i32, key: i32, columns: i32, scores: usize, dP: usize): void {
  const from = firstSeen(input(call, 4), query);
  const seen = i32x4.splat(max(0, endSeen(input(call, 3), query, call.capacity) - from));
  const lseDelta = input(call, 5) + ((<usize>(query * call.heads + head)) << 3);
  const factor = f32x4.splat(call.scale * <f32>Math.LOG2E);
  const log = f32x4.splat(load<f32>(lseDelta) * -(<f32>Math.LOG2E));
  const delta = f32x4.splat(load<f32>(lseDelta, 4));
  const cap = call.softCap / call.scale;
  let places = i32x4.add(i32x4.splat(key - from), i32x4(0, 1, 2, 3));
  for (const end = scores + <usize>(4 * columns); scores < end; scores += 16, dP += 16) {
    const score = v128.load(scores);
    let probabilities = probabilitiesOf(score, factor, log, places, seen);
    if (cap !== 0) probabilities = f32x4.mul(probabilities, capDerivative(score, cap));
    v128.store(scores, f32x4.mul(probabilities, f32x4.sub(v128.load(dP), delta)));
    places = i32x4.add(places, i32x4.splat(4));
  }
}
