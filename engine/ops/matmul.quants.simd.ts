// x · weight with quantized weights: unpacks 8 rows of a panel of 8 columns from the tiles of
// device/wasm/layout/pack.simd.ts and packK.simd.ts. The product itself is in matmul.simd.ts.

import { input } from "../device/wasm/call.simd";
import {
  blockQ4_0,
  blockQ4_1,
  blockQ8_0,
  blockQ8_1,
  factorBytes,
  superQ4K,
  superQ6K,
} from "../device/wasm/layout/blocks.tiles";
import { f16x4, madd } from "../device/wasm/math.simd";
import { highOfFirst, highOfSecond, lowOfFirst, lowOfSecond } from "./linear.k.simd";
import { MatmulCall, multiplyPanels } from "./matmul.simd";

export function matmul_q4_0(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const block = findScales(call, tile, panel, blockQ4_0, false);
    minimumLow = f32x4.mul(scaleLow, f32x4.splat(-8));
    minimumHigh = f32x4.mul(scaleHigh, f32x4.splat(-8));
    unpackNibbles(block + 16 + <usize>((panel & 3) << 5), y);
  });
}

export function matmul_q4_1(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const block = findScales(call, tile, panel, blockQ4_1, true);
    unpackNibbles(block + 32 + <usize>((panel & 3) << 5), y);
  });
}

export function matmul_q8_0(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const block = findScales(call, tile, panel, blockQ8_0, false);
    unpackPairs(block + 16 + <usize>((panel & 3) << 6), y);
  });
}

export function matmul_q8_1(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const block = findScales(call, tile, panel, blockQ8_1, true);
    unpackPairs(block + 32 + <usize>((panel & 3) << 6), y);
  });
}

export function matmul_q4_k(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const at = superAt(call, tile, panel, superQ4K);
    const part = (panel >> 2) & 7;
    findWholeScales(at, at + 64, at + 128, part);
    unpackNibbles(at + 192 + <usize>((part << 7) + ((panel & 3) << 5)), y);
  });
}

export function matmul_q6_k(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const at = superAt(call, tile, panel, superQ6K);
    findWholeScales(at, at + 64, at + 192, (panel >> 1) & 15);
    const block = at + 320 + <usize>(((panel >> 2) & 7) * 192);
    const quants = block + <usize>((panel & 3) << 5);
    const first = v128.load(quants);
    const second = v128.load(quants, 16);
    const upper = v128.load(block + <usize>((panel & 3) << 4), 128);
    unpackFour(lowOfFirst(first, upper), scaleLow, minimumLow, y);
    unpackFour(lowOfSecond(second, upper), scaleLow, minimumLow, y + 16);
    unpackFour(highOfFirst(first, upper), scaleHigh, minimumHigh, y + 128);
    unpackFour(highOfSecond(second, upper), scaleHigh, minimumHigh, y + 144);
  });
}

/** The scales and minima of the current tile and panel, of rows 0–3 and 4–7. Value = scale · quant + minimum. */
let scaleLow: v128 = f32x4.splat(0);
let scaleHigh: v128 = f32x4.splat(0);
let minimumLow: v128 = f32x4.splat(0);
let minimumHigh: v128 = f32x4.splat(0);

/** Sets the scales and minima of a panel; returns the address of the block of 32 columns that holds it. */
function findScales(call: MatmulCall, tile: i32, panel: i32, blockBytes: usize, hasMinimum: bool): usize {
  const blocks = <usize>(call.outputs >> 5);
  const factors = input(call, 1) + <usize>tile * (factorBytes + blocks * blockBytes);
  const block = factors + factorBytes + <usize>(panel >> 2) * blockBytes;
  const low = v128.load(factors);
  const high = v128.load(factors, 16);
  scaleLow = f32x4.mul(f16x4(block), low);
  scaleHigh = f32x4.mul(f16x4(block + 8), high);
  minimumLow = hasMinimum ? f32x4.mul(f16x4(block + 16), low) : f32x4.splat(0);
  minimumHigh = hasMinimum ? f32x4.mul(f16x4(block + 24), high) : f32x4.splat(0);
  return block;
}

function superAt(call: MatmulCall, tile: i32, panel: i32, bytes: i32): usize {
  return input(call, 1) + <usize>((tile * (call.outputs >> 8) + (panel >> 5)) * bytes);
}

/** Sets the scales and minima of a part of a super-block: the integers times d, and times −e. */
function findWholeScales(factors: usize, scales: usize, minima: usize, part: i32): void {
  const s = v128.load8x8_s(scales + <usize>(part << 3));
  const pairs = v128.load(minima + <usize>((part >> 1) << 4));
  const m = i16x8.shr_s(part & 1 ? pairs : i16x8.shl(pairs, 8), 8);
  scaleLow = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(s)), v128.load(factors));
  scaleHigh = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(s)), v128.load(factors, 16));
  minimumLow = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(m)), f32x4.neg(v128.load(factors, 32)));
  minimumHigh = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(m)), f32x4.neg(v128.load(factors, 48)));
}

function unpackNibbles(quants: usize, y: usize): void {
  const low4 = i8x16.splat(15);
  const first = v128.load(quants);
  const second = v128.load(quants, 16);
  unpackFour(v128.and(first, low4), scaleLow, minimumLow, y);
  unpackFour(v128.and(second, low4), scaleLow, minimumLow, y + 16);
  unpackFour(v128.and(i16x8.shr_u(first, 4), low4), scaleHigh, minimumHigh, y + 128);
  unpackFour(v128.and(i16x8.shr_u(second, 4), low4), scaleHigh, minimumHigh, y + 144);
}

function unpackPairs(quants: usize, y: usize): void {
  for (const end = y + 32; y < end; y += 16, quants += 32) {
    const first = v128.load(quants);
    const second = v128.load(quants, 16);
    unpackFour(i16x8.shuffle(first, second, 0, 8, 1, 9, 2, 10, 3, 11), scaleLow, minimumLow, y);
    unpackFour(i16x8.shuffle(first, second, 4, 12, 5, 13, 6, 14, 7, 15), scaleHigh, minimumHigh, y + 128);
  }
}

/** Unpacks the quants, i8, of four rows and four columns. */
function unpackFour(quants: v128, scales: v128, minimum: v128, y: usize): void {
  const low = i16x8.extend_low_i8x16_s(quants);
  const high = i16x8.extend_high_i8x16_s(quants);
  const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low));
  const b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low));
  const c = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high));
  const d = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high));
  v128.store(y, madd(a, i32x4.shuffle(scales, scales, 0, 0, 0, 0), i32x4.shuffle(minimum, minimum, 0, 0, 0, 0)));
  v128.store(y, madd(b, i32x4.shuffle(scales, scales, 1, 1, 1, 1), i32x4.shuffle(minimum, minimum, 1, 1, 1, 1)), 32);
  v128.store(y, madd(c, i32x4.shuffle(scales, scales, 2, 2, 2, 2), i32x4.shuffle(minimum, minimum, 2, 2, 2, 2)), 64);
  v128.store(y, madd(d, i32x4.shuffle(scales, scales, 3, 3, 3, 3), i32x4.shuffle(minimum, minimum, 3, 3, 3, 3)), 96);
}
