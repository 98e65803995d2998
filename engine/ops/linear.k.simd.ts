// x · weightᵀ + bias with weights of the K types (device/wasm/layout/packK.simd.ts) and quantized activations
// (linear.quantizeK.simd.ts). Each lane is an output. A super-block of 256 columns is summed in integers: products as i16
// for as many columns as fit, then, times their part's scale, as i32. Items: tiles of 8 outputs.

import { input, scratch } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { superQ4K, superQ6K } from "../device/wasm/layout/blocks.tiles";
import { dot_i8x16_i7x16 } from "../device/wasm/math.simd";
import { LinearCall, store8, storeSums, strideAt, sumsAt, tileAt } from "./linear.simd";
import { unpackedQ4K, unpackedQ6K } from "./linear.tiles";

/** One token. */
export function linear1_q4_k(call: LinearCall, from: i32, to: i32): void {
  const superBlocks = call.inputs >> 8;
  const low4 = i8x16.splat(15);
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>(tile * superBlocks * superQ4K);
    let x = scratch(call);
    let low = f32x4.splat(0);
    let high = low;
    for (let s = 0; s < superBlocks; s++, x += 20) {
      const factors = w;
      let totalLow = i32x4.splat(0);
      let totalHigh = totalLow;
      w += 192;
      for (let part: usize = 0; part < 8; part++) {
        let sumLow = i16x8.splat(0);
        let sumHigh = sumLow;
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
        const scales = v128.load8x8_u(factors + 8 * part, 64);
        totalLow = i32x4.add(totalLow, i32x4.dot_i16x8_s(sumLow, twiceLow(scales)));
        totalHigh = i32x4.add(totalHigh, i32x4.dot_i16x8_s(sumHigh, twiceHigh(scales)));
      }
      let minimumLow = i32x4.splat(0);
      let minimumHigh = minimumLow;
      const minima = factors + 128;
      for (let pair: usize = 0; pair < 4; pair++) {
        const sums = v128.load32_splat(x + 4 * pair, 4);
        minimumLow = i32x4.add(minimumLow, i32x4.dot_i16x8_s(sums, v128.load8x8_u(minima + 16 * pair)));
        minimumHigh = i32x4.add(minimumHigh, i32x4.dot_i16x8_s(sums, v128.load8x8_u(minima + 16 * pair, 8)));
      }
      const scale = v128.load32_splat(x);
      low = f32x4.add(low, scaled(totalLow, minimumLow, factors, scale));
      high = f32x4.add(high, scaled(totalHigh, minimumHigh, factors + 16, scale));
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
    for (let s = 0; s < superBlocks; s++, x += 36) {
      const factors = w;
      let totalLow = i32x4.splat(0);
      let totalHigh = totalLow;
      w += 320;
      for (let part: usize = 0; part < 16; part++) {
        const scales = v128.load8x8_s(factors + 8 * part, 64);
        const scalesLow = twiceLow(scales);
        const scalesHigh = twiceHigh(scales);
        let bits = w + (part & 1 ? 96 : 128);
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
        if (part & 1) w += 64;
      }
      let minimumLow = i32x4.splat(0);
      let minimumHigh = minimumLow;
      const minima = factors + 192;
      for (let pair: usize = 0; pair < 8; pair++) {
        const sums = v128.load32_splat(x + 4 * pair, 4);
        minimumLow = i32x4.add(minimumLow, i32x4.dot_i16x8_s(sums, v128.load8x8_s(minima + 16 * pair)));
        minimumHigh = i32x4.add(minimumHigh, i32x4.dot_i16x8_s(sums, v128.load8x8_s(minima + 16 * pair, 8)));
      }
      const scale = v128.load32_splat(x);
      low = f32x4.add(low, scaled(totalLow, minimumLow, factors, scale));
      high = f32x4.add(high, scaled(totalHigh, minimumHigh, factors + 16, scale));
    }
    store8(call, 0, tile, low, high);
  }
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
  const superBlocks = call.inputs >> 8;
  const low4 = i8x16.splat(15);
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>(tile * superBlocks * superQ4K);
    for (let s = 0; s < superBlocks; s++) {
      let y = tileAt() + <usize>(s * 8 * unpackedQ4K);
      const factors = w;
      w += 192;
      for (let part: usize = 0; part < 8; part++, y += 32) {
        for (const end = w + 128; w < end; w += 16, y += 32) {
          const quants = v128.load(w);
          v128.store(y, v128.and(quants, low4));
          v128.store(y, v128.and(i16x8.shr_u(quants, 4), low4), 16);
        }
        const scales = v128.load8x8_u(factors + 8 * part, 64);
        v128.store(y, twiceLow(scales));
        v128.store(y, twiceHigh(scales), 16);
      }
      for (let at: usize = 128; at < 192; at += 8, y += 16) v128.store(y, v128.load8x8_u(factors + at));
      memory.copy(y, factors, 64);
    }
    multiply(call, tile, 8, 256, 4);
  }
}

/** Tokens in groups of four. */
export function linear_q6_k(call: LinearCall, from: i32, to: i32): void {
  const superBlocks = call.inputs >> 8;
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>(tile * superBlocks * superQ6K);
    for (let s = 0; s < superBlocks; s++) {
      let y = tileAt() + <usize>(s * 8 * unpackedQ6K);
      const factors = w;
      w += 320;
      for (let part: usize = 0; part < 16; part++) {
        const scales = v128.load8x8_s(factors + 8 * part, 64);
        let bits = w + (part & 1 ? 96 : 128);
        for (const end = w + 64; w < end; w += 32, bits += 16, y += 96) {
          const first = v128.load(w);
          const second = v128.load(w, 16);
          const upper = v128.load(bits);
          v128.store(y, lowOfFirst(first, upper));
          v128.store(y, highOfFirst(first, upper), 16);
          v128.store(y, lowOfSecond(second, upper), 32);
          v128.store(y, highOfSecond(second, upper), 48);
          v128.store(y, twiceLow(scales), 64);
          v128.store(y, twiceHigh(scales), 80);
        }
        if (part & 1) w += 64;
      }
      for (let at: usize = 192; at < 320; at += 8, y += 16) v128.store(y, v128.load8x8_s(factors + at));
      memory.copy(y, factors, 64);
    }
    multiply(call, tile, 32, 64, 8);
  }
}

/**
 * Multiplies all tokens by the unpacked tile in local memory. Of a super-block it holds: `parts` parts of `partBytes`
 * bytes, [4 columns][8 outputs][4 × u8], each followed by its scales, i16, every scale twice; `pairs` pairs of minima,
 * i16; the factors d and e, f32.
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
    for (let s = 0; s < superBlocks; s++) {
      let t0 = i32x4.splat(0);
      let t1 = t0;
      let u0 = t0;
      let u1 = t0;
      let v0 = t0;
      let v1 = t0;
      let z0 = t0;
      let z1 = t0;
      for (let part = 0; part < parts; part++, w += 32) {
        // The first columns set the sums: to add them to zeros would take a twentieth of the time.
        let low = v128.load(w);
        let high = v128.load(w, 16);
        let p = v128.load32_splat(x);
        let p0 = dot_i8x16_i7x16(p, low);
        let p1 = dot_i8x16_i7x16(p, high);
        let q = v128.load32_splat(x, 4);
        let q0 = dot_i8x16_i7x16(q, low);
        let q1 = dot_i8x16_i7x16(q, high);
        let r = v128.load32_splat(x, 8);
        let r0 = dot_i8x16_i7x16(r, low);
        let r1 = dot_i8x16_i7x16(r, high);
        let s = v128.load32_splat(x, 12);
        let s0 = dot_i8x16_i7x16(s, low);
        let s1 = dot_i8x16_i7x16(s, high);
        const end = w + partBytes;
        for (w += 32, x += 16; w < end; w += 32, x += 16) {
          low = v128.load(w);
          high = v128.load(w, 16);
          p = v128.load32_splat(x);
          p0 = i16x8.add(p0, dot_i8x16_i7x16(p, low));
          p1 = i16x8.add(p1, dot_i8x16_i7x16(p, high));
          q = v128.load32_splat(x, 4);
          q0 = i16x8.add(q0, dot_i8x16_i7x16(q, low));
          q1 = i16x8.add(q1, dot_i8x16_i7x16(q, high));
          r = v128.load32_splat(x, 8);
          r0 = i16x8.add(r0, dot_i8x16_i7x16(r, low));
          r1 = i16x8.add(r1, dot_i8x16_i7x16(r, high));
          s = v128.load32_splat(x, 12);
          s0 = i16x8.add(s0, dot_i8x16_i7x16(s, low));
          s1 = i16x8.add(s1, dot_i8x16_i7x16(s, high));
        }
        low = v128.load(w);
        high = v128.load(w, 16);
        t0 = i32x4.add(t0, i32x4.dot_i16x8_s(p0, low));
        t1 = i32x4.add(t1, i32x4.dot_i16x8_s(p1, high));
        u0 = i32x4.add(u0, i32x4.dot_i16x8_s(q0, low));
        u1 = i32x4.add(u1, i32x4.dot_i16x8_s(q1, high));
        v0 = i32x4.add(v0, i32x4.dot_i16x8_s(r0, low));
        v1 = i32x4.add(v1, i32x4.dot_i16x8_s(r1, high));
        z0 = i32x4.add(z0, i32x4.dot_i16x8_s(s0, low));
        z1 = i32x4.add(z1, i32x4.dot_i16x8_s(s1, high));
      }
      const minima = w;
      const factors = w + <usize>(32 * pairs);
      a0 = f32x4.add(a0, scaled(t0, sumOfMinima(x + 16, minima, pairs), factors, v128.load32_splat(x)));
      a1 = f32x4.add(a1, scaled(t1, sumOfMinima(x + 16, minima + 16, pairs), factors + 16, v128.load32_splat(x)));
      b0 = f32x4.add(b0, scaled(u0, sumOfMinima(x + 20, minima, pairs), factors, v128.load32_splat(x, 4)));
      b1 = f32x4.add(b1, scaled(u1, sumOfMinima(x + 20, minima + 16, pairs), factors + 16, v128.load32_splat(x, 4)));
      c0 = f32x4.add(c0, scaled(v0, sumOfMinima(x + 24, minima, pairs), factors, v128.load32_splat(x, 8)));
      c1 = f32x4.add(c1, scaled(v1, sumOfMinima(x + 24, minima + 16, pairs), factors + 16, v128.load32_splat(x, 8)));
      d0 = f32x4.add(d0, scaled(z0, sumOfMinima(x + 28, minima, pairs), factors, v128.load32_splat(x, 12)));
      d1 = f32x4.add(d1, scaled(z1, sumOfMinima(x + 28, minima + 16, pairs), factors + 16, v128.load32_splat(x, 12)));
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
