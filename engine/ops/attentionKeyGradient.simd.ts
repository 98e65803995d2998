// The gradients of attention's keys and values (FlashAttention-2, arXiv:2307.08691). Rows are the keys of a block;
// columns are the queries that see any of them, for each of the heads that share the keys. With K, V, Q and dO the keys,
// values, queries and gradients of the output:
//
//   S = K · Qᵀ    P = e^(scale · S − log-sum-exp)    dP = V · dOᵀ    dS = P ⊙ (dP − delta)
//   gradients     keys: scale · Σ dS · Q, values: Σ P · dO, over tiles of queries and heads
//
// Only keys' gradients need V, dP and dS. Items: KV head × block of 64 keys.

import { input, output } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { scaleInto } from "../device/wasm/rows.simd";
import {
  AttentionSizesCall,
  addRows,
  capDerivative,
  capScores,
  endSeen,
  firstSeen,
  multiply,
  packColumns,
  packRows,
  probabilitiesOf,
  tileStride,
} from "./attention.tile.simd";
import { blockKeys, tileColumns } from "./attention.tiles";

export function attentionKeyGradient(call: AttentionSizesCall, from: i32, to: i32): void {
  const blocks = (call.capacity + blockKeys - 1) / blockKeys;
  for (let item = from; item < to; item++) gradientOfBlock(call, item / blocks, (item % blocks) * blockKeys, true);
}

/** The inputs are those of attentionKeyGradient without the values. */
export function attentionValueGradient(call: AttentionSizesCall, from: i32, to: i32): void {
  const blocks = (call.capacity + blockKeys - 1) / blockKeys;
  for (let item = from; item < to; item++) gradientOfBlock(call, item / blocks, (item % blocks) * blockKeys, false);
}

/** The gradients of a KV head's keys, or else of its values, in the block that begins at `first`. */
function gradientOfBlock(call: AttentionSizesCall, kvHead: i32, first: i32, ofKeys: bool): void {
  const queries = call.count;
  const heads = call.heads;
  const kvHeads = <usize>call.kvHeads;
  const shared = heads / call.kvHeads;
  const dim = call.dim;
  const valueDim = call.valueDim;
  const bytes = (<usize>dim) << 2;
  const valueBytes = (<usize>valueDim) << 2;
  const outBytes = ofKeys ? bytes : valueBytes;
  const rows = min(blockKeys, call.capacity - first);
  const block = <usize>first * kvHeads + <usize>kvHead;

  // Local memory: a tile of queries and of the output's gradients, packed, the queries' statistics, scores and dP of four
  // rows; then for every four rows: keys [dim][4], values [valueDim][4] and sums [4][dim or valueDim].
  const queryTile = local();
  const gradientTile = queryTile + tileStride * <usize>dim;
  const stats = gradientTile + (ofKeys ? tileStride * <usize>valueDim : 0);
  const scores = stats + 4 * tileStride;
  const dP = scores + 4 * tileStride;
  const rowsAt = dP + (ofKeys ? 4 * tileStride : 0);
  const sumsAt = 4 * (ofKeys ? bytes + valueBytes : bytes);
  const fourBytes = sumsAt + 4 * outBytes;

  // Pack the block's keys and values, and begin with sums of zero.
  for (let row = 0, at = rowsAt; row < rows; row += 4, at += fourBytes) {
    const place = block + <usize>row * kvHeads;
    packRows(input(call, 1) + place * bytes, kvHeads * bytes, rows - row, bytes, at);
    if (ofKeys)
      packRows(input(call, 2) + place * valueBytes, kvHeads * valueBytes, rows - row, valueBytes, at + 4 * bytes);
    memory.fill(at + sumsAt, 0, 4 * outBytes);
  }

  // A tile of queries begins and ends with one that sees a key of the block; queries between tiles are skipped.
  for (let query = 0, columns = 1; query < queries; query += columns, columns = 1) {
    if (!sees(call, ofKeys, query, first, rows)) continue;
    columns = min(tileColumns, queries - query);
    while (!sees(call, ofKeys, query + columns - 1, first, rows)) columns--;
    for (let head = kvHead * shared; head < (kvHead + 1) * shared; head++) {
      const q = input(call, 0) + <usize>(query * heads + head) * bytes;
      const g = input(call, ofKeys ? 6 : 5) + <usize>(query * heads + head) * valueBytes;
      packColumns(q, <usize>heads * bytes, columns, bytes, queryTile);
      if (ofKeys) packColumns(g, <usize>heads * valueBytes, columns, valueBytes, gradientTile);
      writeStats(call, ofKeys, query, columns, head, stats);
      for (let row = 0, at = rowsAt; row < rows; row += 4, at += fourBytes) {
        // Only the columns that see any of the four rows, from a multiple of 8 on, because they are packed in eights.
        let from = 0;
        let to = columns;
        while (from < to && !seesAny(stats, from, first + row)) from++;
        while (from < to && !seesAny(stats, to - 1, first + row)) to--;
        if (from === to) continue;
        from &= ~7;
        // `scores` are S, then P, then dS; the gradients are their product with the queries, or with dO.
        multiply(at, queryTile + <usize>from * bytes, scores, dim, to - from);
        capScores(scores, to - from, call.softCap / call.scale);
        if (ofKeys) multiply(at + 4 * bytes, gradientTile + <usize>from * valueBytes, dP, valueDim, to - from);
        toProbabilities(call, ofKeys, stats + <usize>(4 * from), first + row, scores, to - from);
        if (ofKeys) toDS(stats + <usize>(4 * from), scores, dP, to - from);
        const stride = <usize>heads * outBytes;
        addRows((ofKeys ? q : g) + <usize>from * stride, stride, to - from, outBytes, at + sumsAt, scores);
      }
    }
  }

  // Write the sums as the gradients.
  for (let row = 0; row < rows; row++) {
    const sums = rowsAt + <usize>(row >> 2) * fourBytes + sumsAt + <usize>(row & 3) * outBytes;
    const y = output(call) + (block + <usize>row * kvHeads) * outBytes;
    scaleInto(y, sums, outBytes, ofKeys ? call.scale : 1);
  }
}

/** The index of the input `positions`, which starts and lseDelta follow. */
function positionsInput(ofKeys: bool): i32 {
  return ofKeys ? 3 : 2;
}

/** Whether a query sees any of `keys` keys from `first` on. */
function sees(call: AttentionSizesCall, ofKeys: bool, query: i32, first: i32, keys: i32): bool {
  const at = positionsInput(ofKeys);
  const from = max(first, firstSeen(input(call, at + 1), query));
  return from < min(first + keys, endSeen(input(call, at), query, call.capacity));
}

/**
 * Writes the statistics of a tile's queries: the first key that each sees [64], how many it sees [64],
 * −log₂ e · log-sum-exp [64], delta [64].
 */
function writeStats(call: AttentionSizesCall, ofKeys: bool, query: i32, columns: i32, head: i32, to: usize): void {
  const at = positionsInput(ofKeys);
  for (const end = query + columns; query < end; query++, to += 4) {
    const first = firstSeen(input(call, at + 1), query);
    const lseDelta = input(call, at + 2) + ((<usize>(query * call.heads + head)) << 3);
    store<i32>(to, first);
    store<i32>(to, max(0, endSeen(input(call, at), query, call.capacity) - first), 256);
    store<f32>(to, load<f32>(lseDelta) * -(<f32>Math.LOG2E), 512);
    store<f32>(to, load<f32>(lseDelta, 4), 768);
  }
}

/** Whether the query of a column sees any of four keys. */
function seesAny(stats: usize, column: i32, key: i32): bool {
  const at = stats + <usize>(4 * column);
  const first = load<i32>(at);
  return first < key + 4 && key < first + load<i32>(at, 256);
}

/**
 * Replaces the scores of four rows, from key `key` on, by P; for keys' gradients, times the derivative of soft-capping.
 */
function toProbabilities(
  call: AttentionSizesCall,
  ofKeys: bool,
  stats: usize,
  key: i32,
  scores: usize,
  columns: i32,
): void {
  const factor = f32x4.splat(call.scale * <f32>Math.LOG2E);
  const cap = ofKeys ? call.softCap / call.scale : 0;
  for (const end = scores + <usize>(4 * columns); scores < end; scores += 16, stats += 16) {
    const first = v128.load(stats);
    const seen = v128.load(stats, 256);
    const log = v128.load(stats, 512);
    for (let r = 0, at = scores; r < 4; r++, at += tileStride) {
      const places = i32x4.sub(i32x4.splat(key + r), first);
      const score = v128.load(at);
      let probabilities = probabilitiesOf(score, factor, log, places, seen);
      if (cap !== 0) probabilities = f32x4.mul(probabilities, capDerivative(score, cap));
      v128.store(at, probabilities);
    }
  }
}

/** Replaces the probabilities P of four rows by dS = P · (dP − delta). */
function toDS(stats: usize, probabilities: usize, dP: usize, columns: i32): void {
  for (
    const end = probabilities + <usize>(4 * columns);
    probabilities < end;
    probabilities += 16, dP += 16, stats += 16
  ) {
    const delta = v128.load(stats, 768);
    for (let at: usize = 0; at < 4 * tileStride; at += tileStride) {
      const rest = f32x4.sub(v128.load(dP + at), delta);
      v128.store(probabilities + at, f32x4.mul(v128.load(probabilities + at), rest));
    }
  }
}
