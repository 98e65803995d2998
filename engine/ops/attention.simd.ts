// Attention in one pass over the keys (FlashAttention, arXiv:2205.14135): scores of a tile of 64 keys, their softmax so
// far, the values' sums. The rows of an item are the queries of a block times the heads that share the keys; four rows
// are computed at once. Scores are in powers of two: log₂ e is part of their scale.
//
// Params: the op's (count, heads, groups, dim, valueDim, capacity, scale), then queries (of a block) and parts (into
// which the keys are split, where there are too few queries to keep all threads busy). Items: group × block × part.

import { count, input, output, param } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { interleave } from "../device/wasm/interleave.simd";
import { exp2, largest, madd, sum } from "../device/wasm/math.simd";

/** Keys of a tile; those transposed at a time, whose scores are computed before the next are. */
const tileKeys: i32 = 64;
const halfKeys: i32 = 32;
const scoreBytes: usize = 256;
const masked: f32 = -1e30;

export function attention(call: usize, from: i32, to: i32): void {
  const parts = count(call, 8);
  const blocks = (count(call, 0) + count(call, 7) - 1) / count(call, 7);
  for (let item = from; item < to; item++) {
    const rest = item / parts;
    attend(call, rest / blocks, rest % blocks, item % parts);
  }
}

/** One group's heads for a block of queries over a part of the keys. */
function attend(call: usize, group: i32, block: i32, part: i32): void {
  const queries = count(call, 7);
  const heads = count(call, 1);
  const shared = heads / count(call, 2);
  const dim = count(call, 3);
  const valueDim = count(call, 4);
  const first = block * queries;
  const rows = min(queries, count(call, 0) - first) * shared;
  const fours = (rows + 3) >> 2;

  // Local memory: keys [8 keys][dim][8]; then of each four rows queries [dim][4], scores [4][64], and what `rescale`
  // and `addValues` keep: sums [4][valueDim], highest scores [4], totals [4].
  const keyTile = local();
  const rowsAt = keyTile + <usize>(4 * halfKeys * dim);
  const queryBytes = <usize>(16 * dim);
  const sumsAt = queryBytes + 4 * scoreBytes;
  const rowBytes = sumsAt + <usize>(16 * valueDim + 32);

  let most = 0;
  for (let query = first; query < first + rows / shared; query++) most = max(most, seenBy(call, query));
  const tiles = (most + tileKeys - 1) / tileKeys;
  const start = ((tiles * part) / count(call, 8)) * tileKeys;
  const end = min(most, ((tiles * (part + 1)) / count(call, 8)) * tileKeys);

  for (let four = 0; four < fours; four++) {
    const at = rowsAt + <usize>four * rowBytes;
    for (let r = 0; r < 4 && start < end; r++) {
      const row = min(four * 4 + r, rows - 1);
      const q = (first + row / shared) * heads + group * shared + (row % shared);
      putQuery(input(call, 0) + ((<usize>(q * dim)) << 2), at + <usize>(4 * r), dim, param(call, 6));
    }
    memory.fill(at + sumsAt, 0, rowBytes - sumsAt);
    v128.store(at + rowBytes - 32, f32x4.splat(masked));
  }

  for (let key = start; key < end; key += tileKeys) {
    const keys = min(tileKeys, end - key);
    for (let half = 0; half < keys; half += halfKeys) {
      const some = min(halfKeys, keys - half);
      transposeKeys(call, group, key + half, some, keyTile);
      for (let four = 0; four < fours; four++) {
        const at = rowsAt + <usize>four * rowBytes;
        score(at, keyTile, at + queryBytes + <usize>(4 * half), dim, some);
      }
    }
    for (let four = 0; four < fours; four++) {
      const at = rowsAt + <usize>four * rowBytes;
      for (let r = 0; r < 4; r++) {
        const row = min(four * 4 + r, rows - 1);
        const seen = seenBy(call, first + row / shared) - key;
        soften(at + queryBytes + <usize>r * scoreBytes, at + sumsAt, r, valueDim, min(seen, keys));
      }
      addValues(call, group, key, keys, at + sumsAt, at + queryBytes);
    }
  }

  for (let row = 0; row < rows; row++) {
    const sums = rowsAt + <usize>(row >> 2) * rowBytes + sumsAt;
    finish(call, (first + row / shared) * heads + group * shared + (row % shared), part, sums, row & 3);
  }
}

/** How many of the cache's rows a query sees. */
function seenBy(call: usize, query: i32): i32 {
  return min(load<i32>(input(call, 3) + ((<usize>query) << 2)) + 1, count(call, 5));
}

/** A query, scaled, as one of four. */
function putQuery(from: usize, to: usize, dim: i32, scale: f32): void {
  const factor = scale * <f32>Math.LOG2E;
  for (let k: usize = 0; k < <usize>dim; k++) store<f32>(to + 16 * k, load<f32>(from + 4 * k) * factor);
}

/** Keys as [8 keys][dim][8], so that eight keys' column is two vectors. Missing keys repeat the last. */
function transposeKeys(call: usize, group: i32, key: i32, keys: i32, to: usize): void {
  const bytes = (<usize>count(call, 3)) << 2;
  const stride = <usize>count(call, 2) * bytes;
  const first = input(call, 1) + <usize>key * stride + <usize>group * bytes;
  for (let i = 0; i < keys; i += 4) {
    const a = first + <usize>i * stride;
    const b = first + <usize>min(i + 1, keys - 1) * stride;
    const c = first + <usize>min(i + 2, keys - 1) * stride;
    const d = first + <usize>min(i + 3, keys - 1) * stride;
    interleave(a, b, c, d, bytes, to + <usize>(i >> 3) * bytes * 8 + <usize>((i & 4) << 2), 32);
  }
}

/** Scores of four rows and the transposed keys. */
function score(queries: usize, keyTile: usize, scores: usize, dim: i32, keys: i32): void {
  let k = keyTile;
  let y = scores;
  for (let i = 0; i < keys; i += 8, y += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let q = queries;
    for (const end = k + <usize>(32 * dim); k < end; k += 32, q += 16) {
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

/** Turns a row's scores into weights 2^(score − highest so far); its sums so far become those of the new highest. */
function soften(scores: usize, sums: usize, r: i32, valueDim: i32, seen: i32): void {
  for (let i = max(seen, 0); i < tileKeys; i++) store<f32>(scores + <usize>(4 * i), masked);
  let most = v128.load(scores);
  for (let at: usize = 16; at < scoreBytes; at += 16) most = f32x4.pmax(most, v128.load(scores + at));
  const tops = sums + <usize>(16 * valueDim + 4 * r);
  const before = load<f32>(tops);
  const top = max(before, largest(most));
  if (top > before) rescale(sums + <usize>(4 * r * valueDim), tops, valueDim, top);
  const base = f32x4.splat(top);
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < scoreBytes; at += 16) {
    const weights = exp2(f32x4.sub(v128.load(scores + at), base));
    v128.store(scores + at, weights);
    total = f32x4.add(total, weights);
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

/** Adds a tile's weighted values to four rows' sums. */
function addValues(call: usize, group: i32, key: i32, keys: i32, sums: usize, weights: usize): void {
  const valueDim = <usize>count(call, 4);
  const stride = (<usize>count(call, 2) * valueDim) << 2;
  const first = input(call, 2) + <usize>key * stride + ((<usize>group * valueDim) << 2);
  const bytes = valueDim << 2;
  const end = weights + <usize>(4 * keys);
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
      for (let p = weights; p < end; p += 4, v += stride) total += load<f32>(p + r * scoreBytes) * load<f32>(v);
      store<f32>(sums + r * bytes + at, total);
    }
}

/** Writes one row: divided by its total, or as a part of it, followed by its highest score and total. */
function finish(call: usize, row: i32, part: i32, sums: usize, r: i32): void {
  const bytes = (<usize>count(call, 4)) << 2;
  const from = sums + <usize>r * bytes;
  const tops = sums + 4 * bytes + <usize>(4 * r);
  const parts = count(call, 8);
  if (parts === 1) {
    const y = output(call) + <usize>row * bytes;
    scaleInto(y, from, bytes, <f32>1 / load<f32>(tops, 16));
    return;
  }
  const y = output(call) + <usize>(row * parts + part) * (bytes + 8);
  memory.copy(y, from, bytes);
  store<f32>(y + bytes, load<f32>(tops));
  store<f32>(y + bytes, load<f32>(tops, 16), 4);
}

export function scaleInto(y: usize, x: usize, bytes: usize, factor: f32): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.mul(v128.load(x + at), f32x4.splat(factor)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * factor);
}
