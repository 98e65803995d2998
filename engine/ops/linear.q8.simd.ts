// x · weightᵀ + bias with weights of 8 bits (device/wasm/layout/pack.simd.ts) and quantized activations
// (linear.quantize.simd.ts). Each lane is an output. Products of pairs of columns are summed as i32. Items: tiles of 8
// outputs.

import { input, scratch } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { blockQ8_0, blockQ8_1, factorBytes } from "../device/wasm/layout/blocks.tiles";
import { f16x4, madd } from "../device/wasm/math.simd";
import { LinearCall, store8, storeSums, strideAt, sumsAt, tileAt } from "./linear.simd";
import { unpackedQ8_0, unpackedQ8_1 } from "./linear.tiles";

/** One token. */
export function linear1_q8_0(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) multiplyOne(call, tile, blockQ8_0, false);
}

/** One token. */
export function linear1_q8_1(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) multiplyOne(call, tile, blockQ8_1, true);
}

function multiplyOne(call: LinearCall, tile: i32, blockBytes: i32, hasMinimum: bool): void {
  const blocks = call.inputs >> 5;
  const factors = input(call, 1) + <usize>tile * <usize>(factorBytes + blocks * blockBytes);
  let scales = factors + 32;
  let x = scratch(call);
  let low = f32x4.splat(0);
  let high = low;
  for (let b = 0; b < blocks; b++, x += 16) {
    let sumLow = i32x4.splat(0);
    let sumHigh = sumLow;
    let w = hasMinimum ? scales + 32 : scales + 16;
    for (const end = w + 256; w < end; w += 16, x += 4) {
      const columns = v128.load32_splat(x);
      sumLow = i32x4.add(sumLow, i32x4.dot_i16x8_s(columns, v128.load8x8_s(w)));
      sumHigh = i32x4.add(sumHigh, i32x4.dot_i16x8_s(columns, v128.load8x8_s(w, 8)));
    }
    const scale = v128.load32_splat(x);
    low = madd(f32x4.convert_i32x4_s(sumLow), f32x4.mul(f16x4(scales), scale), low);
    high = madd(f32x4.convert_i32x4_s(sumHigh), f32x4.mul(f16x4(scales + 8), scale), high);
    if (hasMinimum) {
      const total = v128.load32_splat(x, 4);
      low = madd(f16x4(scales + 16), total, low);
      high = madd(f16x4(scales + 24), total, high);
    }
    scales = w;
  }
  store8(call, 0, tile, f32x4.mul(low, v128.load(factors)), f32x4.mul(high, v128.load(factors, 16)));
}

/** Tokens in groups of four. */
export function linear_q8_0(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackHalves(call, tile, blockQ8_0, false);
    multiply(call, tile, 1, false);
  }
}

/** Tokens in groups of four. */
export function linear_q8_1(call: LinearCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    unpackHalves(call, tile, blockQ8_1, true);
    multiply(call, tile, 1, true);
  }
}

/**
 * Unpacks a tile into local memory. A block of 32 columns is [16 × 2 columns][8 outputs][2 × i16], 8 scales, 8 minima,
 * f32.
 */
function unpackHalves(call: LinearCall, tile: i32, blockBytes: usize, hasMinimum: bool): void {
  const blocks = <usize>(call.inputs >> 5);
  const factors = input(call, 1) + <usize>tile * (factorBytes + blocks * blockBytes);
  const low = v128.load(factors);
  const high = v128.load(factors, 16);
  let w = factors + factorBytes;
  let y = tileAt();
  for (let b: usize = 0; b < blocks; b++, w += blockBytes, y += unpackedQ8_0) {
    widen(w + blockBytes - 256, y, 256);
    v128.store(y, f32x4.mul(f16x4(w), low), 512);
    v128.store(y, f32x4.mul(f16x4(w + 8), high), 528);
    if (!hasMinimum) continue;
    v128.store(y, f32x4.mul(f16x4(w + 16), low), 544);
    v128.store(y, f32x4.mul(f16x4(w + 24), high), 560);
    y += unpackedQ8_1 - unpackedQ8_0;
  }
}

function widen(w: usize, y: usize, bytes: usize): void {
  for (const end = w + bytes; w < end; w += 16, y += 32) {
    v128.store(y, v128.load8x8_s(w));
    v128.store(y, v128.load8x8_s(w, 8), 16);
  }
}

/** Multiplies all tokens by the unpacked tile. Each part of a block has its own scales and minima. */
function multiply(call: LinearCall, tile: i32, parts: usize, hasMinimum: bool): void {
  const blocks = call.inputs >> 5;
  const groups = (call.rows + 3) >> 2;
  const partBytes: usize = parts === 1 ? 512 : 256;
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
    for (let b = 0; b < blocks; b++, x += 48) {
      const scales = x + 256;
      for (let part: usize = 0; part < parts; part++, w += 32) {
        // The first columns set the sums: to add them to zeros would take a twentieth of the time.
        let low = v128.load(w);
        let high = v128.load(w, 16);
        let p = v128.load32_splat(x);
        let p0 = i32x4.dot_i16x8_s(p, low);
        let p1 = i32x4.dot_i16x8_s(p, high);
        let q = v128.load32_splat(x, 4);
        let q0 = i32x4.dot_i16x8_s(q, low);
        let q1 = i32x4.dot_i16x8_s(q, high);
        let r = v128.load32_splat(x, 8);
        let r0 = i32x4.dot_i16x8_s(r, low);
        let r1 = i32x4.dot_i16x8_s(r, high);
        let s = v128.load32_splat(x, 12);
        let s0 = i32x4.dot_i16x8_s(s, low);
        let s1 = i32x4.dot_i16x8_s(s, high);
        const end = w + partBytes;
        for (w += 32, x += 16; w < end; w += 32, x += 16) {
          low = v128.load(w);
          high = v128.load(w, 16);
          p = v128.load32_splat(x);
          p0 = i32x4.add(p0, i32x4.dot_i16x8_s(p, low));
          p1 = i32x4.add(p1, i32x4.dot_i16x8_s(p, high));
          q = v128.load32_splat(x, 4);
          q0 = i32x4.add(q0, i32x4.dot_i16x8_s(q, low));
          q1 = i32x4.add(q1, i32x4.dot_i16x8_s(q, high));
          r = v128.load32_splat(x, 8);
          r0 = i32x4.add(r0, i32x4.dot_i16x8_s(r, low));
          r1 = i32x4.add(r1, i32x4.dot_i16x8_s(r, high));
          s = v128.load32_splat(x, 12);
          s0 = i32x4.add(s0, i32x4.dot_i16x8_s(s, low));
          s1 = i32x4.add(s1, i32x4.dot_i16x8_s(s, high));
        }
        const scaleLow = v128.load(w);
        const scaleHigh = v128.load(w, 16);
        let scale = v128.load32_splat(scales);
        a0 = madd(f32x4.convert_i32x4_s(p0), f32x4.mul(scale, scaleLow), a0);
        a1 = madd(f32x4.convert_i32x4_s(p1), f32x4.mul(scale, scaleHigh), a1);
        scale = v128.load32_splat(scales, 4);
        b0 = madd(f32x4.convert_i32x4_s(q0), f32x4.mul(scale, scaleLow), b0);
        b1 = madd(f32x4.convert_i32x4_s(q1), f32x4.mul(scale, scaleHigh), b1);
        scale = v128.load32_splat(scales, 8);
        c0 = madd(f32x4.convert_i32x4_s(r0), f32x4.mul(scale, scaleLow), c0);
        c1 = madd(f32x4.convert_i32x4_s(r1), f32x4.mul(scale, scaleHigh), c1);
        scale = v128.load32_splat(scales, 12);
        d0 = madd(f32x4.convert_i32x4_s(s0), f32x4.mul(scale, scaleLow), d0);
        d1 = madd(f32x4.convert_i32x4_s(s1), f32x4.mul(scale, scaleHigh), d1);
        if (!hasMinimum) continue;
        w += 32;
        const minimumLow = v128.load(w);
        const minimumHigh = v128.load(w, 16);
        const totals = scales + 16 + 16 * part;
        let total = v128.load32_splat(totals);
        a0 = madd(total, minimumLow, a0);
        a1 = madd(total, minimumHigh, a1);
        total = v128.load32_splat(totals, 4);
        b0 = madd(total, minimumLow, b0);
        b1 = madd(total, minimumHigh, b1);
        total = v128.load32_splat(totals, 8);
        c0 = madd(total, minimumLow, c0);
        c1 = madd(total, minimumHigh, c1);
        total = v128.load32_splat(totals, 12);
        d0 = madd(total, minimumLow, d0);
        d1 = madd(total, minimumHigh, d1);
      }
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
