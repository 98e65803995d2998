// x · weightᵀ + bias with weights of 4 bits (device/wasm/layout/pack.simd.ts) and quantized activations
// (linear.quantize.simd.ts). Each lane is an output. The products of 32 columns are summed as i16. Items: tiles of 8
// outputs.

import { input, scratch } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { blockQ4_0, blockQ4_1, factorBytes } from "../device/wasm/layout/blocks.tiles";
import { dot_i8x16_i7x16, f16x4, madd } from "../device/wasm/math.simd";
import { LinearCall, store8, storeSums, strideAt, sumsAt, tileAt } from "./linear.simd";
import { unpackedQ4 } from "./linear.tiles";

/** One token. Sums start at −8 · Σ quants, which subtracts the zero point at no cost. */
export function linear1_q4_0(call: LinearCall, from: i32, to: i32): void {
  const blocks = call.inputs >> 5;
  const low4 = i8x16.splat(15);
  const ones = i16x8.splat(1);
  for (let tile = from; tile < to; tile++) {
    const factors = input(call, 1) + <usize>tile * <usize>(factorBytes + blocks * blockQ4_0);
    let w = factors + factorBytes;
    let x = scratch(call);
    let low = f32x4.splat(0);
    let high = low;
    for (let b = 0; b < blocks; b++, w += 16, x += 16) {
      let sumLow = v128.load32_splat(x, 40);
      let sumHigh = sumLow;
      const scales = w;
      for (const end = w + 128; w < end; w += 32, x += 8) {
        let quants = v128.load(w, 16);
        let columns = v128.load32_splat(x);
        sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
        sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
        quants = v128.load(w, 32);
        columns = v128.load32_splat(x, 4);
        sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
        sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
      }
      const scale = v128.load32_splat(x);
      low = madd(toFloat(sumLow, ones), f32x4.mul(f16x4(scales), scale), low);
      high = madd(toFloat(sumHigh, ones), f32x4.mul(f16x4(scales + 8), scale), high);
    }
    store8(call, 0, tile, f32x4.mul(low, v128.load(factors)), f32x4.mul(high, v128.load(factors, 16)));
  }
}

/** One token. */
export function linear1_q4_1(call: LinearCall, from: i32, to: i32): void {
  const blocks = call.inputs >> 5;
  const low4 = i8x16.splat(15);
  const ones = i16x8.splat(1);
  for (let tile = from; tile < to; tile++) {
    const factors = input(call, 1) + <usize>tile * <usize>(factorBytes + blocks * blockQ4_1);
    let w = factors + factorBytes;
    let x = scratch(call);
    let low = f32x4.splat(0);
    let high = low;
    for (let b = 0; b < blocks; b++, w += 32, x += 16) {
      let sumLow = i16x8.splat(0);
      let sumHigh = sumLow;
      const scales = w;
      for (const end = w + 128; w < end; w += 32, x += 8) {
        let quants = v128.load(w, 32);
        let columns = v128.load32_splat(x);
        sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
        sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
        quants = v128.load(w, 48);
        columns = v128.load32_splat(x, 4);
        sumLow = i16x8.add(sumLow, dot_i8x16_i7x16(columns, v128.and(quants, low4)));
        sumHigh = i16x8.add(sumHigh, dot_i8x16_i7x16(columns, v128.and(i16x8.shr_u(quants, 4), low4)));
      }
      const scale = v128.load32_splat(x);
      const total = v128.load32_splat(x, 4);
      low = madd(toFloat(sumLow, ones), f32x4.mul(f16x4(scales), scale), madd(f16x4(scales + 16), total, low));
      high = madd(toFloat(sumHigh, ones), f32x4.mul(f16x4(scales + 8), scale), madd(f16x4(scales + 24), total, high));
    }
    store8(call, 0, tile, f32x4.mul(low, v128.load(factors)), f32x4.mul(high, v128.load(factors, 16)));
  }
}

/** Tokens in groups of four. */
export function linear_q4_0(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackHalves(call, tile, blockQ4_0, 16);
    multiply(call, tile);
  }
}

/** Tokens in groups of four. */
export function linear_q4_1(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackHalves(call, tile, blockQ4_1, 32);
    multiply(call, tile);
  }
}

/**
 * Unpacks a tile into local memory. A block of 32 columns is [8 × 4 columns][8 outputs][4 × u8], 8 scales, 8 minima, f32.
 */
function unpackHalves(call: LinearCall, tile: i32, blockBytes: usize, quants: usize): void {
  const blocks = <usize>(call.inputs >> 5);
  const factors = input(call, 1) + <usize>tile * (factorBytes + blocks * blockBytes);
  const low = v128.load(factors);
  const high = v128.load(factors, 16);
  const zero = f32x4.splat(-8);
  let w = factors + factorBytes;
  let y = tileAt();
  for (let b: usize = 0; b < blocks; b++, w += blockBytes, y += unpackedQ4) {
    unpackQuants(w + quants, y);
    const scaleLow = f32x4.mul(f16x4(w), low);
    const scaleHigh = f32x4.mul(f16x4(w + 8), high);
    v128.store(y, scaleLow, 256);
    v128.store(y, scaleHigh, 272);
    v128.store(y, quants === 32 ? f32x4.mul(f16x4(w + 16), low) : f32x4.mul(scaleLow, zero), 288);
    v128.store(y, quants === 32 ? f32x4.mul(f16x4(w + 24), high) : f32x4.mul(scaleHigh, zero), 304);
  }
}

function unpackQuants(w: usize, y: usize): void {
  const low4 = i8x16.splat(15);
  for (const end = w + 128; w < end; w += 16, y += 32) {
    const quants = v128.load(w);
    v128.store(y, v128.and(quants, low4));
    v128.store(y, v128.and(i16x8.shr_u(quants, 4), low4), 16);
  }
}

/** Multiplies all tokens by the unpacked tile: 4 × 8 sums of a block as i16, which are then added up as f32. */
function multiply(call: LinearCall, tile: i32): void {
  const blocks = call.inputs >> 5;
  const groups = (call.rows + 3) >> 2;
  const ones = i16x8.splat(1);
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
    for (let b = 0; b < blocks; b++, w += 64, x += 32) {
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
      const end = w + 256;
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
      const scaleLow = v128.load(w);
      const scaleHigh = v128.load(w, 16);
      const minimumLow = v128.load(w, 32);
      const minimumHigh = v128.load(w, 48);
      let scale = v128.load32_splat(x);
      let total = v128.load32_splat(x, 16);
      a0 = madd(toFloat(p0, ones), f32x4.mul(scale, scaleLow), madd(total, minimumLow, a0));
      a1 = madd(toFloat(p1, ones), f32x4.mul(scale, scaleHigh), madd(total, minimumHigh, a1));
      scale = v128.load32_splat(x, 4);
      total = v128.load32_splat(x, 20);
      b0 = madd(toFloat(q0, ones), f32x4.mul(scale, scaleLow), madd(total, minimumLow, b0));
      b1 = madd(toFloat(q1, ones), f32x4.mul(scale, scaleHigh), madd(total, minimumHigh, b1));
      scale = v128.load32_splat(x, 8);
      total = v128.load32_splat(x, 24);
      c0 = madd(toFloat(r0, ones), f32x4.mul(scale, scaleLow), madd(total, minimumLow, c0));
      c1 = madd(toFloat(r1, ones), f32x4.mul(scale, scaleHigh), madd(total, minimumHigh, c1));
      scale = v128.load32_splat(x, 12);
      total = v128.load32_splat(x, 28);
      d0 = madd(toFloat(s0, ones), f32x4.mul(scale, scaleLow), madd(total, minimumLow, d0));
      d1 = madd(toFloat(s1, ones), f32x4.mul(scale, scaleHigh), madd(total, minimumHigh, d1));
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

/** Two neighbouring i16 sums belong to one output. */
function toFloat(sums: v128, ones: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(sums, ones));
}
