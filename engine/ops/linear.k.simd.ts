// x · weightᵀ + bias with weights of the K types (device/wasm/layout/packK.simd.ts) and quantized activations
// (linear.quantizeK.simd.ts). Each lane is an output. A super-block of 256 columns is
//
//   (d · Σ scale · Σ quant · x  −  e · Σ minimum · Σ x) · scale of x
//
// where the outer sums are over its parts, which have a scale and a minimum each, and the inner ones over a part's columns.
// All sums are of integers: products are added up as i16 for as many columns as fit, then, times their scale, as i32.
//
// `low` and 0 stand for outputs 0–3 of a tile, `high` and 1 for outputs 4–7. Items: tiles of 8 outputs.

import { input, scratch } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { superQ4K, superQ6K } from "../device/wasm/layout/blocks.tiles";
import { dot_i8x16_i7x16 } from "../device/wasm/math.simd";
import { LinearCall, store8, storeSums, strideAt, sumsAt, tileAt } from "./linear.simd";
import { unpackedQ4K, unpackedQ6K } from "./linear.tiles";

// Where the fields of a packed super-block of 8 outputs begin. Its factors d and e, f32, come first.
const scalesAt: usize = 64;
const minimaAtQ4K: usize = 128;
const quantsAtQ4K: usize = 192;
const minimaAtQ6K: usize = 192;
const quantsAtQ6K: usize = 320;

/** One token. */
export function linear1_q4_k(call: LinearCall, from: i32, to: i32): void {
  const superBlocks = call.inputs >> 8;
  const low4 = i8x16.splat(15);
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>(tile * superBlocks * superQ4K);
    let x = scratch(call);
    let low = f32x4.splat(0);
    let high = low;
    for (let s = 0; s < superBlocks; s++) {
      const factors = w;
      let totalLow = i32x4.splat(0);
      let totalHigh = totalLow;
      w += quantsAtQ4K;
      for (let part: usize = 0; part < 8; part++) {
        let sumLow = i16x8.splat(0);
        let sumHigh = sumLow;
        // Eight columns at a time: a vector has the quants of four columns, outputs 0–3 in its low and 4–7 in its high bits.
        for (const end = w + 128; w < end; w += 32, x += 8) {
          let quants = v128.load(w);
          let columns = v128.load32_splat(x);
          sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
          sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
          quants = v128.load(w, 16);
          columns = v128.load32_splat(x, 4);
          sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
          sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
        }
        const scales = v128.load8x8_s(factors + 8 * part, scalesAt);
        totalLow = i32x4.add(totalLow, i32x4.dot_i16x8_s(sumLow, twiceLow(scales)));
        totalHigh = i32x4.add(totalHigh, i32x4.dot_i16x8_s(sumHigh, twiceHigh(scales)));
      }
      // Behind the columns of x: its scale, and the sums of 8 parts.
      const scale = v128.load32_splat(x);
      const minimaLow = sumOfPackedMinima(x + 4, factors + minimaAtQ4K, 4);
      const minimaHigh = sumOfPackedMinima(x + 4, factors + minimaAtQ4K + 8, 4);
      low = f32x4.add(low, scaled(totalLow, minimaLow, factors, scale));
      high = f32x4.add(high, scaled(totalHigh, minimaHigh, factors + 16, scale));
      x += 20;
    }
    store8(call, 0, tile, low, high);
  }
}

/** One token. */
export function linear1_q6_k(call: LinearCall, from: i32, to: i32): void {
  const superBlocks = call.inputs >> 8;
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>(tile * superBlocks * superQ6K);
    let x = scratch(call);
    let low = f32x4.splat(0);
    let high = low;
    for (let s = 0; s < superBlocks; s++) {
      const factors = w;
      let totalLow = i32x4.splat(0);
      let totalHigh = totalLow;
      w += quantsAtQ6K;
      for (let part: usize = 0; part < 16; part++) {
        const scales = v128.load8x8_s(factors + 8 * part, scalesAt);
        const scalesLow = twiceLow(scales);
        const scalesHigh = twiceHigh(scales);
        let bits = highBitsAt(w, part);
        // Eight columns at a time: the sums of their products fit into i16, those of more might not.
        for (const end = w + 64; w < end; w += 32, bits += 16, x += 8) {
          const first = v128.load(w);
          const second = v128.load(w, 16);
          const upper = v128.load(bits);
          const columns = v128.load32_splat(x);
          const next = v128.load32_splat(x, 4);
          const sumLow = i16x8.add(
            dot_i8x16_i7x16(columns, lowOfFirst(first, upper)),
            dot_i8x16_i7x16(next, lowOfSecond(second, upper)),
          );
          const sumHigh = i16x8.add(
            dot_i8x16_i7x16(columns, highOfFirst(first, upper)),
            dot_i8x16_i7x16(next, highOfSecond(second, upper)),
          );
          totalLow = i32x4.add(totalLow, i32x4.dot_i16x8_s(sumLow, scalesLow));
          totalHigh = i32x4.add(totalHigh, i32x4.dot_i16x8_s(sumHigh, scalesHigh));
        }
        if (part & 1) w += 64; // past the high bits
      }
      // Behind the columns of x: its scale, and the sums of 16 parts.
      const scale = v128.load32_splat(x);
      const minimaLow = sumOfPackedMinima(x + 4, factors + minimaAtQ6K, 8);
      const minimaHigh = sumOfPackedMinima(x + 4, factors + minimaAtQ6K + 8, 8);
      low = f32x4.add(low, scaled(totalLow, minimaLow, factors, scale));
      high = f32x4.add(high, scaled(totalHigh, minimaHigh, factors + 16, scale));
      x += 36;
    }
    store8(call, 0, tile, low, high);
  }
}

/** Σ minimum · Σ x, of four outputs; minima of 8 bits as they are packed. `sums` are x's, for `pairs` pairs of parts. */
function sumOfPackedMinima(sums: usize, minima: usize, pairs: usize): v128 {
  let total = i32x4.splat(0);
  for (const end = sums + 4 * pairs; sums < end; sums += 4, minima += 16)
    total = i32x4.add(total, i32x4.dot_i16x8_s(v128.load32_splat(sums), v128.load8x8_s(minima)));
  return total;
}

/** (d · total − e · minimum) · scale, of four outputs. */
function scaled(total: v128, minimum: v128, factors: usize, scale: v128): v128 {
  const d = f32x4.mul(f32x4.convert_i32x4_s(total), v128.load(factors));
  const e = f32x4.mul(f32x4.convert_i32x4_s(minimum), v128.load(factors, 32));
  return f32x4.mul(f32x4.sub(d, e), scale);
}

/** The first four of eight i16, each twice, for sums in which two lanes belong to one output. */
function twiceLow(scales: v128): v128 {
  return i16x8.shuffle(scales, scales, 0, 0, 1, 1, 2, 2, 3, 3);
}

function twiceHigh(scales: v128): v128 {
  return i16x8.shuffle(scales, scales, 4, 4, 5, 5, 6, 6, 7, 7);
}

// Quants of 6 bits: two vectors, `first` and `second`, hold the low 4 bits, and `upper` the high 2 bits of both.

/**
 * The high bits of a part's 16 columns, of which the low bits begin at `w`. A pair of parts is the first's low bits (64
 * bytes), the second's (64), the first's high bits (32), the second's (32).
 */
function highBitsAt(w: usize, part: usize): usize {
  return w + (part & 1 ? 96 : 128);
}

export function lowOfFirst(first: v128, upper: v128): v128 {
  return v128.or(v128.and(first, i8x16.splat(15)), v128.and(i16x8.shl(upper, 4), i8x16.splat(48)));
}

export function highOfFirst(first: v128, upper: v128): v128 {
  return v128.or(v128.and(i16x8.shr_u(first, 4), i8x16.splat(15)), v128.and(i16x8.shl(upper, 2), i8x16.splat(48)));
}

export function lowOfSecond(second: v128, upper: v128): v128 {
  return v128.or(v128.and(second, i8x16.splat(15)), v128.and(upper, i8x16.splat(48)));
}

export function highOfSecond(second: v128, upper: v128): v128 {
  return v128.or(v128.and(i16x8.shr_u(second, 4), i8x16.splat(15)), v128.and(i16x8.shr_u(upper, 2), i8x16.splat(48)));
}

/** Tokens in groups of four. */
export function linear_q4_k(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackQ4K(call, tile);
    multiply(call, tile, 8, 256, 4);
  }
}

/** Tokens in groups of four. */
export function linear_q6_k(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackQ6K(call, tile);
    multiply(call, tile, 32, 64, 8);
  }
}

/** Unpacks a tile into local memory: 8 parts of 32 columns, and 4 pairs of minima (see multiply). */
function unpackQ4K(call: LinearCall, tile: i32): void {
  const superBlocks = call.inputs >> 8;
  const low4 = i8x16.splat(15);
  let w = input(call, 1) + <usize>(tile * superBlocks * superQ4K);
  for (let s = 0; s < superBlocks; s++) {
    let y = tileAt() + <usize>(s * 8 * unpackedQ4K);
    const factors = w;
    w += quantsAtQ4K;
    for (let part: usize = 0; part < 8; part++, y += 32) {
      for (const end = w + 128; w < end; w += 16, y += 32) {
        const quants = v128.load(w);
        v128.store(y, v128.and(quants, low4));
        v128.store(y, v128.and(i16x8.shr_u(quants, 4), low4), 16);
      }
      unpackScales(factors + 8 * part, y);
    }
    unpackMinima(factors, minimaAtQ4K, quantsAtQ4K, y);
  }
}

/**
 * Unpacks a tile into local memory: 32 parts of 8 columns, and 8 pairs of minima (see multiply). Two parts share a scale,
 * because the products of 16 columns might not fit into an i16.
 */
function unpackQ6K(call: LinearCall, tile: i32): void {
  const superBlocks = call.inputs >> 8;
  let w = input(call, 1) + <usize>(tile * superBlocks * superQ6K);
  for (let s = 0; s < superBlocks; s++) {
    let y = tileAt() + <usize>(s * 8 * unpackedQ6K);
    const factors = w;
    w += quantsAtQ6K;
    for (let part: usize = 0; part < 16; part++) {
      let bits = highBitsAt(w, part);
      for (const end = w + 64; w < end; w += 32, bits += 16, y += 96) {
        const first = v128.load(w);
        const second = v128.load(w, 16);
        const upper = v128.load(bits);
        v128.store(y, lowOfFirst(first, upper));
        v128.store(y, highOfFirst(first, upper), 16);
        v128.store(y, lowOfSecond(second, upper), 32);
        v128.store(y, highOfSecond(second, upper), 48);
        unpackScales(factors + 8 * part, y + 64);
      }
      if (part & 1) w += 64; // past the high bits
    }
    unpackMinima(factors, minimaAtQ6K, quantsAtQ6K, y);
  }
}

/** Writes a part's 8 scales as i16, each twice. */
function unpackScales(part: usize, y: usize): void {
  const scales = v128.load8x8_s(part, scalesAt);
  v128.store(y, twiceLow(scales));
  v128.store(y, twiceHigh(scales), 16);
}

/** Writes the minima of a super-block, its bytes [from, to), as i16, and behind them its factors d and e. */
function unpackMinima(superBlock: usize, from: usize, to: usize, y: usize): void {
  for (let at = from; at < to; at += 8, y += 16) v128.store(y, v128.load8x8_s(superBlock + at));
  memory.copy(y, superBlock, 64);
}

/**
 * Multiplies all tokens by the unpacked tile in local memory. Of a super-block it holds: `parts` parts of `partBytes`
 * bytes, [4 columns][8 outputs][4 × u8], each followed by its scales, i16, every scale twice; `pairs` pairs of minima,
 * i16; the factors d and e, f32.
 *
 * The four tokens of a group are A to D: their columns x, the sums of a part, the totals of a super-block, and a to d, the
 * results.
 */
function multiply(call: LinearCall, tile: i32, parts: i32, partBytes: usize, pairs: i32): void {
  const superBlocks = call.inputs >> 8;
  const groups = (call.rows + 3) >> 2;
  let x = scratch(call);
  for (let group = 0; group < groups; group++) {
    let w = tileAt();
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    for (let superBlock = 0; superBlock < superBlocks; superBlock++) {
      let totalA0 = i32x4.splat(0);
      let totalA1 = totalA0;
      let totalB0 = totalA0;
      let totalB1 = totalA0;
      let totalC0 = totalA0;
      let totalC1 = totalA0;
      let totalD0 = totalA0;
      let totalD1 = totalA0;
      for (let part = 0; part < parts; part++, w += 32) {
        // The first columns set the sums: to add them to zeros would take a twentieth of the time.
        let low = v128.load(w);
        let high = v128.load(w, 16);
        let xA = v128.load32_splat(x);
        let sumA0 = dot_i8x16_i7x16(xA, low);
        let sumA1 = dot_i8x16_i7x16(xA, high);
        let xB = v128.load32_splat(x, 4);
        let sumB0 = dot_i8x16_i7x16(xB, low);
        let sumB1 = dot_i8x16_i7x16(xB, high);
        let xC = v128.load32_splat(x, 8);
        let sumC0 = dot_i8x16_i7x16(xC, low);
        let sumC1 = dot_i8x16_i7x16(xC, high);
        let xD = v128.load32_splat(x, 12);
        let sumD0 = dot_i8x16_i7x16(xD, low);
        let sumD1 = dot_i8x16_i7x16(xD, high);
        const end = w + partBytes;
        for (w += 32, x += 16; w < end; w += 32, x += 16) {
          low = v128.load(w);
          high = v128.load(w, 16);
          xA = v128.load32_splat(x);
          sumA0 = i16x8.add(sumA0, dot_i8x16_i7x16(xA, low));
          sumA1 = i16x8.add(sumA1, dot_i8x16_i7x16(xA, high));
          xB = v128.load32_splat(x, 4);
          sumB0 = i16x8.add(sumB0, dot_i8x16_i7x16(xB, low));
          sumB1 = i16x8.add(sumB1, dot_i8x16_i7x16(xB, high));
          xC = v128.load32_splat(x, 8);
          sumC0 = i16x8.add(sumC0, dot_i8x16_i7x16(xC, low));
          sumC1 = i16x8.add(sumC1, dot_i8x16_i7x16(xC, high));
          xD = v128.load32_splat(x, 12);
          sumD0 = i16x8.add(sumD0, dot_i8x16_i7x16(xD, low));
          sumD1 = i16x8.add(sumD1, dot_i8x16_i7x16(xD, high));
        }
        low = v128.load(w);
        high = v128.load(w, 16);
        totalA0 = i32x4.add(totalA0, i32x4.dot_i16x8_s(sumA0, low));
        totalA1 = i32x4.add(totalA1, i32x4.dot_i16x8_s(sumA1, high));
        totalB0 = i32x4.add(totalB0, i32x4.dot_i16x8_s(sumB0, low));
        totalB1 = i32x4.add(totalB1, i32x4.dot_i16x8_s(sumB1, high));
        totalC0 = i32x4.add(totalC0, i32x4.dot_i16x8_s(sumC0, low));
        totalC1 = i32x4.add(totalC1, i32x4.dot_i16x8_s(sumC1, high));
        totalD0 = i32x4.add(totalD0, i32x4.dot_i16x8_s(sumD0, low));
        totalD1 = i32x4.add(totalD1, i32x4.dot_i16x8_s(sumD1, high));
      }
      const minima = w;
      const factors = w + <usize>(32 * pairs);
      a0 = f32x4.add(a0, scaled(totalA0, sumOfMinima(x + 16, minima, pairs), factors, v128.load32_splat(x)));
      a1 = f32x4.add(a1, scaled(totalA1, sumOfMinima(x + 16, minima + 16, pairs), factors + 16, v128.load32_splat(x)));
      b0 = f32x4.add(b0, scaled(totalB0, sumOfMinima(x + 20, minima, pairs), factors, v128.load32_splat(x, 4)));
      b1 = f32x4.add(
        b1,
        scaled(totalB1, sumOfMinima(x + 20, minima + 16, pairs), factors + 16, v128.load32_splat(x, 4)),
      );
      c0 = f32x4.add(c0, scaled(totalC0, sumOfMinima(x + 24, minima, pairs), factors, v128.load32_splat(x, 8)));
      c1 = f32x4.add(
        c1,
        scaled(totalC1, sumOfMinima(x + 24, minima + 16, pairs), factors + 16, v128.load32_splat(x, 8)),
      );
      d0 = f32x4.add(d0, scaled(totalD0, sumOfMinima(x + 28, minima, pairs), factors, v128.load32_splat(x, 12)));
      d1 = f32x4.add(
        d1,
        scaled(totalD1, sumOfMinima(x + 28, minima + 16, pairs), factors + 16, v128.load32_splat(x, 12)),
      );
      w = factors + 64;
      x += <usize>(16 + 16 * pairs);
    }
    const y = sumsAt(call, group, tile);
    const stride = strideAt(call, y);
    v128.store(y, a0);
    v128.store(y, a1, 16);
    v128.store(y + stride, b0);
    v128.store(y + stride, b1, 16);
    v128.store(y + 2 * stride, c0);
    v128.store(y + 2 * stride, c1, 16);
    v128.store(y + 3 * stride, d0);
    v128.store(y + 3 * stride, d1, 16);
    if (y === local()) storeSums(call, group, tile);
  }
}

/** Σ minimum · Σ quants, of four outputs and one token. */
function sumOfMinima(sums: usize, minima: usize, pairs: i32): v128 {
  let total = i32x4.splat(0);
  for (let pair = 0; pair < pairs; pair++, sums += 16, minima += 32)
    total = i32x4.add(total, i32x4.dot_i16x8_s(v128.load32_splat(sums), v128.load(minima)));
  return total;
}
