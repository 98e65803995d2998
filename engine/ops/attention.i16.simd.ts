// Attention over a cache in the layout i16 (indexCopy.simd.ts): integers with a scale for each head's row. Products of
// integers are twice as fast as those of f32. Else it is as attention.simd.ts. Items: KV head × block of queries × part of
// the keys.
//
// Queries become integers of at most `maxQuery`, so that sums over 64 values of a head fit into i32. The weights of a tile's
// values are their probabilities, relative to the highest of the tile, times the values' scales; they become integers as
// large as their sums over the tile's 64 values allow.

import { input } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { interleaveFour } from "../device/wasm/interleave.simd";
import { exp2, madd } from "../device/wasm/math.simd";
import { AttentionCall, boundary, clearSums, highestOf, sumsSize, writeRow } from "./attention.online.simd";
import { capScores, endSeen, firstSeen, lowest, tileStride } from "./attention.tile.simd";
import { i16Scratch, maxQuery, maxWeight, maxWeightSum, tileColumns } from "./attention.tiles";

export function attention_i16(call: AttentionCall, from: i32, to: i32): void {
  const parts = call.parts;
  const blocks = (call.count + call.queries - 1) / call.queries;
  for (let item = from; item < to; item++) {
    const rest = item / parts;
    attend(call, rest / blocks, rest % blocks, item % parts);
  }
}

// Local memory, of `i16Scratch` bytes: the scales of the tile's keys [64] and values [64]; scores, then weights [4][64];
// their integers [32][4][2]; products [4][64]; the rows' highest scores [4], then the factors of their sums [4], of the
// products that are added to those [4] and of their weights [4]. Behind it the tiles of keys [8][dim / 2][8][2] and values
// [valueDim / 8][32][8][2]; then for every four rows: queries [dim / 2][4][2], their scales [4], and the sums. Dimensions
// are rounded up to multiples of 8. Few rows are multiplied by keys and values as they are in the cache, without tiles,
// and their queries are [dim / 8][4][8].
const valueScalesAt: usize = 256;
const scoresAt: usize = 512;
const weightsAt: usize = 1536;
const productsAt: usize = 2048;
const rowMaxAt: usize = 3072;
const keptAt: usize = 3088;
const addedAt: usize = 3104;
const factorsAt: usize = 3120;

/** Packing a tile takes about as long as multiplying so many rows by one that is not packed. */
const fewRows = 8;

/** One item: the heads of one KV head, for a block of queries, over a part of the keys. */
function attend(call: AttentionCall, kvHead: i32, block: i32, part: i32): void {
  const queries = call.queries;
  const heads = call.heads;
  const shared = heads / call.kvHeads;
  const first = block * queries;
  const rows = min(queries, call.count - first) * shared;
  const fours = (rows + 3) >> 2;
  const dim = (call.dim + 7) & ~7;
  const valueDim = (call.valueDim + 7) & ~7;

  const keyTile = local() + i16Scratch;
  const valueTile = keyTile + <usize>(128 * dim);
  const rowsAt = valueTile + <usize>(128 * valueDim);
  const sumBytes = (<usize>valueDim) << 2;
  const sumsAt = <usize>(8 * dim + 16);
  const rowBytes = sumsAt + sumsSize(sumBytes);

  const few = rows <= fewRows;
  const start = boundary(call, block, part);
  const end = boundary(call, block, part + 1);
  for (let four = 0; four < fours; four++) {
    const at = rowsAt + <usize>four * rowBytes;
    for (let r = 0; r < 4 && start < end; r++) {
      const row = min(four * 4 + r, rows - 1);
      const q = (first + row / shared) * heads + kvHead * shared + (row % shared);
      packQuery(input(call, 0) + ((<usize>(q * call.dim)) << 2), call.dim, call.scale, at, dim, r, few);
    }
    clearSums(at + sumsAt, sumBytes);
  }

  const capacity = call.capacity;
  const keyStride = (<usize>(call.kvHeads * call.dim)) << 1;
  const valueStride = (<usize>(call.kvHeads * call.valueDim)) << 1;
  const keyScales = input(call, 1) + <usize>capacity * keyStride;
  const valueScales = input(call, 2) + <usize>capacity * valueStride;
  for (let key = start; key < end; key += tileColumns) {
    const columns = min(tileColumns, end - key);
    const keys = input(call, 1) + <usize>key * keyStride + ((<usize>(kvHead * call.dim)) << 1);
    const values = input(call, 2) + <usize>key * valueStride + ((<usize>(kvHead * call.valueDim)) << 1);
    const scales = (<usize>(key * call.kvHeads + kvHead)) << 2;
    const scaleStride = (<usize>call.kvHeads) << 2;
    const poison =
      copyScales(keyScales + scales, scaleStride, columns, local()) +
      copyScales(valueScales + scales, scaleStride, columns, local() + valueScalesAt);
    if (!few) {
      packKeys(keys, keyStride, columns, (<usize>dim) << 1, keyTile);
      packValues(values, valueStride, columns, (<usize>valueDim) << 1, valueTile);
    }
    for (let four = 0; four < fours; four++) {
      const at = rowsAt + <usize>four * rowBytes;
      for (let k = 0; k < dim; k += 64) {
        const some = min(64, dim - k);
        if (few) multiplyKeys(at + <usize>(8 * k), keys + <usize>(2 * k), keyStride, some, columns);
        else multiply(at + <usize>(8 * k), keyTile + <usize>(16 * k), <usize>(16 * dim), some >> 1, columns);
        scaleScores(at + <usize>(8 * dim), k > 0);
      }
      capScores(local() + scoresAt, columns, call.softCap * <f32>Math.LOG2E);
      for (let r = 0; r < 4; r++) {
        const query = first + min(four * 4 + r, rows - 1) / shared;
        const from = max(0, firstSeen(input(call, 4), query) - key);
        const to = min(columns, endSeen(input(call, 3), query, capacity) - key);
        const rowMax = from < to ? highestOf(local() + scoresAt + <usize>r * tileStride, from, to) : lowest;
        store<f32>(local() + <usize>(4 * r), rowMax, rowMaxAt);
      }
      onlineSoftmax(at + sumsAt + 4 * sumBytes, at + <usize>(8 * dim), poison);
      packWeights();
      for (let d = 0; d < valueDim; d += 64) {
        const some = min(64, valueDim - d);
        if (few) multiplyValues(values + <usize>(2 * d), valueStride, columns, some, four * 4 + 4 <= rows);
        else multiply(local() + weightsAt, valueTile + <usize>(128 * d), 1024, tileColumns >> 1, some);
        addProducts(at + sumsAt + <usize>(4 * d), sumBytes, some);
      }
    }
  }

  for (let row = 0; row < rows; row++) {
    const sums = rowsAt + <usize>(row >> 2) * rowBytes + sumsAt;
    const y = (first + row / shared) * heads + kvHead * shared + (row % shared);
    writeRow(call, y, part, sums, sumBytes, row & 3);
  }
}

/** Packs a query as integers, as row r of four, and stores the scale that its scores need. */
function packQuery(from: usize, size: i32, scale: f32, to: usize, dim: i32, r: i32, few: bool): void {
  let maxAbs: f32 = 0;
  for (let k = 0; k < size; k++) maxAbs = max(maxAbs, abs(load<f32>(from + ((<usize>k) << 2))));
  const factor = maxAbs > 0 ? <f32>maxQuery / maxAbs : 0;
  for (let k = 0; k < dim; k++) {
    const value = k < size ? load<f32>(from + ((<usize>k) << 2)) * factor : 0;
    const at = few ? (k >> 3) * 64 + r * 16 + (k & 7) * 2 : (k >> 1) * 16 + r * 4 + (k & 1) * 2;
    store<i16>(to + <usize>at, <i16>(<i32>nearest(value)));
  }
  store<f32>(to + <usize>(8 * dim + 4 * r), maxAbs * scale * (<f32>Math.LOG2E / <f32>maxQuery));
}

/** Copies the scales of a tile; the last is repeated. Returns 0, or NaN where one is NaN. */
function copyScales(from: usize, stride: usize, columns: i32, to: usize): f32 {
  let poison: f32 = 0;
  let scale: f32 = 0;
  for (let i = 0; i < tileColumns; i++, to += 4, from += stride) {
    if (i < columns) scale = load<f32>(from);
    store<f32>(to, scale);
    poison += scale * 0;
  }
  return poison;
}

/** Packs keys, which are `bytes` long and `stride` bytes apart. The last is repeated up to a multiple of 4. */
function packKeys(first: usize, stride: usize, columns: i32, bytes: usize, to: usize): void {
  for (let i = 0; i < columns; i += 4) {
    const a = first + <usize>i * stride;
    const b = first + <usize>min(i + 1, columns - 1) * stride;
    const c = first + <usize>min(i + 2, columns - 1) * stride;
    const d = first + <usize>min(i + 3, columns - 1) * stride;
    let y = to + <usize>(i >> 3) * bytes * 8 + <usize>((i & 4) << 2);
    for (let at: usize = 0; at < bytes; at += 16, y += 128)
      interleaveFour(v128.load(a + at), v128.load(b + at), v128.load(c + at), v128.load(d + at), y, 32);
  }
}

/** The same of values, of which the last is repeated to the end of the tile. */
function packValues(first: usize, stride: usize, columns: i32, bytes: usize, to: usize): void {
  for (let i = 0; i < tileColumns; i += 2, to += 32) {
    const a = first + <usize>min(i, columns - 1) * stride;
    const b = first + <usize>min(i + 1, columns - 1) * stride;
    for (let at: usize = 0; at < bytes; at += 16) {
      const x = v128.load(a + at);
      const y = v128.load(b + at);
      v128.store(to + 64 * at, i16x8.shuffle(x, y, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(to + 64 * at, i16x8.shuffle(x, y, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    }
  }
}

/** Products of four rows [size / 8][4][8] with keys, which are `stride` bytes apart, into local memory. */
function multiplyKeys(rows: usize, keys: usize, stride: usize, size: i32, columns: i32): void {
  let products = local() + productsAt;
  for (let i = 0; i < columns; i += 2, products += 8) {
    let x = keys + <usize>i * stride;
    let y = x + stride;
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let q = rows;
    for (const end = q + ((<usize>size) << 3); q < end; q += 64, x += 16, y += 16) {
      const k = v128.load(x);
      const l = v128.load(y);
      const a = v128.load(q);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, k));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, l));
      const b = v128.load(q, 16);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, k));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, l));
      const c = v128.load(q, 32);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(c, k));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(c, l));
      const d = v128.load(q, 48);
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(d, k));
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(d, l));
    }
    v128.store64_lane(products, pairOfSums(a0, a1), 0);
    v128.store64_lane(products, pairOfSums(b0, b1), 0, 256);
    v128.store64_lane(products, pairOfSums(c0, c1), 0, 512);
    v128.store64_lane(products, pairOfSums(d0, d1), 0, 768);
  }
}

/** The sums of the lanes of a and of b, in the first two lanes. */
function pairOfSums(a: v128, b: v128): v128 {
  const halves = i32x4.add(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(a, b, 2, 6, 3, 7));
  return i32x4.add(halves, i32x4.shuffle(halves, halves, 2, 3, 0, 1));
}

/**
 * Products of four rows of weights with `size` of each of the values, which are `stride` bytes apart. The fourth row goes
 * by itself, or is left out: with four at a time the compiler runs out of registers, and it takes twice as long.
 */
function multiplyValues(values: usize, stride: usize, columns: i32, size: i32, fourth: bool): void {
  const weights = local() + weightsAt;
  const end = weights + <usize>(((columns + 1) >> 1) << 4); // an odd one is paired with the row behind it, of weight 0
  let products = local() + productsAt;
  for (let k: usize = 0; k < <usize>(2 * size); k += 16, products += 32) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let v = values + k;
    let w = v + stride;
    for (let p = weights; p < end; p += 16, v += 2 * stride, w += 2 * stride) {
      const x = v128.load(v);
      const y = v128.load(w);
      const low = i16x8.shuffle(x, y, 0, 8, 1, 9, 2, 10, 3, 11);
      const high = i16x8.shuffle(x, y, 4, 12, 5, 13, 6, 14, 7, 15);
      const a = v128.load32_splat(p);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, low));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, high));
      const b = v128.load32_splat(p, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, low));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, high));
      const c = v128.load32_splat(p, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(c, low));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(c, high));
    }
    v128.store(products, a0);
    v128.store(products, a1, 16);
    v128.store(products, b0, 256);
    v128.store(products, b1, 272);
    v128.store(products, c0, 512);
    v128.store(products, c1, 528);
    if (fourth) multiplyFourth(values + k, stride, columns, products + 768);
  }
}

/** The same of the fourth row alone, for eight of each of the values. */
function multiplyFourth(v: usize, stride: usize, columns: i32, products: usize): void {
  let low = i32x4.splat(0);
  let high = low;
  let p = local() + weightsAt + 12;
  for (let i = 0; i < columns; i += 2, v += 2 * stride, p += 16) {
    const x = v128.load(v);
    const y = v128.load(v + stride);
    const weights = v128.load32_splat(p);
    low = i32x4.add(low, i32x4.dot_i16x8_s(weights, i16x8.shuffle(x, y, 0, 8, 1, 9, 2, 10, 3, 11)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(weights, i16x8.shuffle(x, y, 4, 12, 5, 13, 6, 14, 7, 15)));
  }
  v128.store(products, low);
  v128.store(products, high, 16);
}

/** Products of four rows of pairs [pairs][4][2] with `count` columns [column / 8][pairs][8][2], into local memory. */
function multiply(rows: usize, columns: usize, blockBytes: usize, pairs: i32, count: i32): void {
  let y = local() + productsAt;
  for (let i = 0; i < count; i += 8, y += 32, columns += blockBytes) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let k = columns;
    let q = rows;
    for (const end = q + ((<usize>pairs) << 4); q < end; k += 32, q += 16) {
      const low = v128.load(k);
      const high = v128.load(k, 16);
      const a = v128.load32_splat(q);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, low));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, high));
      const b = v128.load32_splat(q, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, low));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, high));
      const c = v128.load32_splat(q, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(c, low));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(c, high));
      const d = v128.load32_splat(q, 12);
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(d, low));
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(d, high));
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

/** Makes scores of the products of four rows and a tile of keys, given the rows' scales; or adds to the scores. */
function scaleScores(rowScales: usize, accumulate: bool): void {
  const keyScales = local();
  for (let r: usize = 0; r < 4; r++) {
    const scale = v128.load32_splat(rowScales + 4 * r);
    const scores = keyScales + scoresAt + r * tileStride;
    for (let at: usize = 0; at < tileStride; at += 16) {
      const products = f32x4.convert_i32x4_s(v128.load(scores + at, productsAt - scoresAt));
      const part = f32x4.mul(products, f32x4.mul(scale, v128.load(keyScales + at)));
      v128.store(scores + at, accumulate ? f32x4.add(part, v128.load(scores + at)) : part);
    }
  }
}

/**
 * The online softmax of four rows: replaces their scores by weights, updates their maxima and totals, and stores their
 * factors. A row's highest score is `lowest` where it sees nothing of the tile.
 */
function onlineSoftmax(runningMax: usize, rowScales: usize, poison: f32): void {
  const own = local();
  for (let r: usize = 0; r < 4; r++) {
    const scores = own + scoresAt + r * tileStride;
    const base = v128.load32_splat(own + 4 * r, rowMaxAt);
    let total = f32x4.splat(0);
    let maxWeights = total;
    let all = total;
    for (let at: usize = 0; at < tileStride; at += 16) {
      const powers = exp2(f32x4.sub(v128.load(scores + at), base));
      const weights = f32x4.mul(powers, v128.load(own + at, valueScalesAt));
      v128.store(scores + at, weights);
      total = f32x4.add(total, powers);
      all = f32x4.add(all, weights);
      maxWeights = f32x4.pmax(maxWeights, weights);
    }
    // Until the rows' results are put together, they lie where the products were.
    v128.store(own + 16 * r, total, productsAt);
    v128.store(own + 16 * r, all, productsAt + 64);
    v128.store(own + 16 * r, maxWeights, productsAt + 128);
  }
  const total = sums(own + productsAt);
  const all = sums(own + productsAt + 64);
  const maxWeights = largestOf(own + productsAt + 128);
  const limit = f32x4.min(
    f32x4.div(f32x4.splat(<f32>maxWeight), maxWeights),
    f32x4.div(f32x4.splat(<f32>maxWeightSum), all),
  );
  const factor = v128.and(limit, f32x4.gt(maxWeights, f32x4.splat(0)));

  const rowMax = v128.load(own, rowMaxAt);
  const before = v128.load(runningMax);
  const now = f32x4.pmax(before, rowMax);
  const kept = exp2(f32x4.sub(before, now));
  const added = v128.and(exp2(f32x4.sub(rowMax, now)), f32x4.gt(rowMax, f32x4.splat(lowest)));
  const unit = v128.and(f32x4.div(added, factor), f32x4.gt(factor, f32x4.splat(0)));
  const invalid = f32x4.mul(f32x4.add(v128.load(rowScales), f32x4.splat(poison)), f32x4.splat(0));
  v128.store(runningMax, now);
  v128.store(runningMax, madd(total, added, f32x4.mul(v128.load(runningMax, 16), kept)), 16);
  v128.store(own, kept, keptAt);
  v128.store(own, f32x4.add(unit, invalid), addedAt);
  v128.store(own, factor, factorsAt);
}

/** The sums of the lanes of the four vectors at x. */
function sums(x: usize): v128 {
  const ab = f32x4.add(low(x), high(x));
  const cd = f32x4.add(low(x + 32), high(x + 32));
  return f32x4.add(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
}

/** The largest lanes of the four vectors at x. */
function largestOf(x: usize): v128 {
  const ab = f32x4.pmax(low(x), high(x));
  const cd = f32x4.pmax(low(x + 32), high(x + 32));
  return f32x4.pmax(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
}

/** Interleaves the first two lanes of the two vectors at x; `high` does so with the last two. */
function low(x: usize): v128 {
  return i32x4.shuffle(v128.load(x), v128.load(x, 16), 0, 4, 1, 5);
}
function high(x: usize): v128 {
  return i32x4.shuffle(v128.load(x), v128.load(x, 16), 2, 6, 3, 7);
}

/** Packs the weights of the four rows as integers. */
function packWeights(): void {
  const scores = local() + scoresAt;
  const factors = local() + factorsAt;
  const a = v128.load32_splat(factors);
  const b = v128.load32_splat(factors, 4);
  const c = v128.load32_splat(factors, 8);
  const d = v128.load32_splat(factors, 12);
  let y = local() + weightsAt;
  for (let at: usize = 0; at < tileStride; at += 32, y += 64) {
    const x = scores + at;
    interleaveFour(integers(x, a), integers(x + 256, b), integers(x + 512, c), integers(x + 768, d), y, 16);
  }
}

/** Eight values at x times a factor, rounded to i16. Adding 1.5 · 2²³ rounds, and leaves the integer in the low bits. */
function integers(x: usize, factor: v128): v128 {
  const rounder = f32x4.splat(12582912);
  const low = i32x4.sub(madd(v128.load(x), factor, rounder), rounder);
  const high = i32x4.sub(madd(v128.load(x, 16), factor, rounder), rounder);
  return i16x8.narrow_i32x4_s(low, high);
}

/** Adds products of weights and values to the sums of four rows, which are `bytes` bytes apart. */
function addProducts(sums: usize, bytes: usize, size: i32): void {
  const own = local();
  for (let r: usize = 0; r < 4; r++) {
    const kept = v128.load32_splat(own + 4 * r, keptAt);
    const added = v128.load32_splat(own + 4 * r, addedAt);
    const products = own + productsAt + r * tileStride;
    const y = sums + r * bytes;
    for (let at: usize = 0; at < (<usize>size) << 2; at += 16) {
      const more = f32x4.convert_i32x4_s(v128.load(products + at));
      v128.store(y + at, madd(more, added, f32x4.mul(v128.load(y + at), kept)));
    }
  }
}
