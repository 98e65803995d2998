// Quantizes activations to 8 bits, for quantized weights: every 32 columns of a token share a scale, as in llama.cpp
// (q8_0, q8_1), so that both agree on the same file. Tokens are in groups of one or four, `groupSize`. A group is a
// sequence of blocks of 32 columns:
//
//   bytes   [8 × 4 columns][token][4 × i8], a scale and a sum (scale · Σ quants) of each token, f32; for a single token also
//           −8 · Σ quants, with which the sums of q4_0 weights, whose quants stand for q − 8, start
//   pairs   [16 × 2 columns][token][2 × i16], a scale of each token, its sum of columns 0–15, its sum of columns 16–31; where
//           sums are quantized, instead of the two its sum of all 32 columns, and 0
//
// Items: groups.

import { Call, input, output } from "../device/wasm/call.simd";
import { largest } from "../device/wasm/math.simd";
import { quantizedBytes, quantizedBytesOfFour, quantizedPairs, quantizedPairsOfFour } from "./linear.tiles";

@unmanaged
export class QuantizeCall extends Call {
  rows: i32;
  inputs: i32;
  /** Tokens in a group: 1 or 4. */
  groupSize: i32;
  /** How many columns share a scale: 32 or 256. */
  span: i32;
  /** 0: scales and sums are f32. 1: scales are rounded to f16. 2: sums are as well. */
  f16Rounding: i32;
  /** For the K types, how many columns of a super-block share a sum: 16 or 32; else 0. */
  part: i32;
}

export function quantizeBytes(call: QuantizeCall, from: i32, to: i32): void {
  const groupSize = <usize>call.groupSize;
  const blockBytes: usize = groupSize === 1 ? quantizedBytes : quantizedBytesOfFour;
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < groupSize; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + groupBytes(call, group, blockBytes);
      for (const end = x + ((<usize>call.inputs) << 2); x < end; ) {
        findScale(call, x);
        for (const spanEnd = x + ((<usize>call.span) << 2); x < spanEnd; x += 128, y += blockBytes) {
          const a = quantized(x);
          const b = quantized(x + 32);
          const c = quantized(x + 64);
          const d = quantized(x + 96);
          storeLanes(y + 4 * i, groupSize, i8x16.narrow_i16x8_s(a, b));
          storeLanes(y + 4 * i + 16 * groupSize, groupSize, i8x16.narrow_i16x8_s(c, d));
          const total = sumOf(i16x8.add(i16x8.add(a, b), i16x8.add(c, d)));
          const after = y + 32 * groupSize + 4 * i;
          store<f32>(after, scale);
          store<f32>(after + 4 * groupSize, sumFor(call, total));
          if (groupSize === 1) store<i32>(after, (-8 * total) & 0xffff, 8);
        }
      }
    }
}

export function quantizePairs(call: QuantizeCall, from: i32, to: i32): void {
  const groupSize = <usize>call.groupSize;
  const blockBytes: usize = groupSize === 1 ? quantizedPairs : quantizedPairsOfFour;
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < groupSize; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + groupBytes(call, group, blockBytes);
      for (const end = x + ((<usize>call.inputs) << 2); x < end; ) {
        findScale(call, x);
        for (const spanEnd = x + ((<usize>call.span) << 2); x < spanEnd; x += 128, y += blockBytes) {
          const a = quantized(x);
          const b = quantized(x + 32);
          const c = quantized(x + 64);
          const d = quantized(x + 96);
          storeLanes(y + 4 * i, groupSize, a);
          storeLanes(y + 4 * i + 16 * groupSize, groupSize, b);
          storeLanes(y + 4 * i + 32 * groupSize, groupSize, c);
          storeLanes(y + 4 * i + 48 * groupSize, groupSize, d);
          const after = y + 64 * groupSize + 4 * i;
          store<f32>(after, scale);
          let first = sumOf(i16x8.add(a, b));
          let second = sumOf(i16x8.add(c, d));
          if (call.f16Rounding === 2) {
            first += second;
            second = 0;
          }
          store<f32>(after + 4 * groupSize, sumFor(call, first));
          store<f32>(after + 8 * groupSize, sumFor(call, second));
        }
      }
    }
}

/** The address of a token of a group. Past the last token, that of the last token. */
export function tokenAt(call: QuantizeCall, group: i32, i: usize): usize {
  const token = min(group * call.groupSize + <i32>i, call.rows - 1);
  return input(call, 0) + ((<usize>token * <usize>call.inputs) << 2);
}

function groupBytes(call: QuantizeCall, group: i32, blockBytes: usize): usize {
  return <usize>group * <usize>(call.inputs >> 5) * blockBytes;
}

/** The scale of the current span before and after rounding, and the inverse of the first. */
let exactScale: f32 = 0;
export let scale: f32 = 0;
let inverse: f32 = 0;

export function findScale(call: QuantizeCall, x: usize): void {
  let maxima = f32x4.abs(v128.load(x));
  for (const end = x + ((<usize>call.span) << 2); x < end; x += 16)
    maxima = f32x4.pmax(maxima, f32x4.abs(v128.load(x)));
  const magnitude = largest(maxima);
  exactScale = magnitude / 127;
  scale = call.f16Rounding ? toElevenBits(exactScale) : exactScale;
  inverse = magnitude === 0 ? 0 : 127 / magnitude;
}

function sumFor(call: QuantizeCall, total: i32): f32 {
  return call.f16Rounding === 2 ? toElevenBits(exactScale * <f32>total) : scale * <f32>total;
}

/** Rounds to the 11 significant bits that an f16 has (Veltkamp's splitting). */
function toElevenBits(value: f32): f32 {
  const large = value * 8193;
  return large - (large - value);
}

/** Eight values, quantized, as i16. Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits. */
export function quantized(x: usize): v128 {
  const factor = f32x4.splat(inverse);
  const rounder = f32x4.splat(12582912);
  const low = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), factor), rounder), rounder);
  const high = i32x4.sub(f32x4.add(f32x4.mul(v128.load(x, 16), factor), rounder), rounder);
  return i16x8.narrow_i32x4_s(low, high);
}

export function sumOf(shorts: v128): i32 {
  const pairs = i32x4.dot_i16x8_s(shorts, i16x8.splat(1));
  const both = i32x4.add(pairs, i32x4.shuffle(pairs, pairs, 2, 3, 0, 1));
  return i32x4.extract_lane(both, 0) + i32x4.extract_lane(both, 1);
}

/** Stores the four words of a vector, `groupSize` words apart. */
export function storeLanes(y: usize, groupSize: usize, words: v128): void {
  if (groupSize === 1) {
    v128.store(y, words);
    return;
  }
  v128.store32_lane(y, words, 0);
  v128.store32_lane(y, words, 1, 16);
  v128.store32_lane(y, words, 2, 32);
  v128.store32_lane(y, words, 3, 48);
}
