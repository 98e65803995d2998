// Attention in one pass over the keys (FlashAttention, arXiv:2205.14135): for each tile of 64 keys it computes the
// scores, updates the online softmax, and adds to the weighted sums of values. An item's rows are the queries of a block,
// once for each of the heads that share a KV head; four rows are computed at a time. Items: KV head × block of queries ×
// part of the keys.

import { input } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { AttentionCall, boundary, clearSums, onlineSoftmax, sumsSize, writeRow } from "./attention.online.simd";
import { addRows, capScores, endSeen, firstSeen, multiply, packColumns, tileStride } from "./attention.tile.simd";
import { halfKeys, tileColumns } from "./attention.tiles";

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

  // Local memory: keys, packed; then for every four rows: queries [dim][4], scores [4][64], and the sums.
  const keyTile = local();
  const rowsAt = keyTile + <usize>(4 * halfKeys * dim);
  const queryBytes = <usize>(16 * dim);
  const valueBytes = (<usize>valueDim) << 2;
  const sumsAt = queryBytes + 4 * tileStride;
  const rowBytes = sumsAt + sumsSize(valueBytes);

  const capacity = call.capacity;
  const start = boundary(call, block, part);
  const end = boundary(call, block, part + 1);
  for (let four = 0; four < fours; four++) {
    const at = rowsAt + <usize>four * rowBytes;
    for (let r = 0; r < 4 && start < end; r++) {
      const row = min(four * 4 + r, rows - 1);
      const q = (first + row / shared) * heads + kvHead * shared + (row % shared);
      packQuery(input(call, 0) + ((<usize>(q * dim)) << 2), at + <usize>(4 * r), dim, call.scale);
    }
    clearSums(at + sumsAt, valueBytes);
  }

  const keys = input(call, 1) + ((<usize>(kvHead * dim)) << 2);
  const keyStride = (<usize>(call.kvHeads * dim)) << 2;
  const values = input(call, 2) + <usize>kvHead * valueBytes;
  const valueStride = <usize>call.kvHeads * valueBytes;
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
        onlineSoftmax(at + queryBytes + <usize>r * tileStride, at + sumsAt, valueBytes, r, from, to);
      }
      addRows(values + <usize>key * valueStride, valueStride, columns, valueBytes, at + sumsAt, at + queryBytes);
    }
  }

  for (let row = 0; row < rows; row++) {
    const sums = rowsAt + <usize>(row >> 2) * rowBytes + sumsAt;
    const y = (first + row / shared) * heads + kvHead * shared + (row % shared);
    writeRow(call, y, part, sums, valueBytes, row & 3);
  }
}

/** Packs a query, scaled, as one of four rows. */
function packQuery(from: usize, to: usize, dim: i32, scale: f32): void {
  const factor = scale * <f32>Math.LOG2E;
  for (let k: usize = 0; k < <usize>dim; k++) store<f32>(to + 16 * k, load<f32>(from + 4 * k) * factor);
}
