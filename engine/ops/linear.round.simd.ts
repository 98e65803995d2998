// Activations for quantized weights: every 32 columns of a token rounded to 8 bits with a scale of their own, as
// llama.cpp does. Tokens come in groups of one or four, `together`; a group's blocks of 32 columns lie one behind the other.
//
//   bytes   [8 × 4 columns][token][4 × i8], scales, sums (scale · Σ quants), f32, a token each; of one token, last, the
//           four words' −8 Σ quants that quants of 4 bits less 8 start from
//   pairs   [16 × 2 columns][token][2 × i16], scales, sums of columns 0–15, sums of 16–31
//
// Params: rows, columns, together. Items: groups.

import { count, input, output } from "../device/wasm/call.simd";
import { largest } from "../device/wasm/math.simd";

export function roundBytes(call: usize, from: i32, to: i32): void {
  const together = <usize>count(call, 2);
  const blocks = <usize>(count(call, 1) >> 5);
  const blockBytes: usize = together === 1 ? 48 : 40 * together;
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < together; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + <usize>group * blocks * blockBytes;
      for (let b: usize = 0; b < blocks; b++, x += 128, y += blockBytes) {
        const scale = roundTo(x, y + 4 * i, 4 * together);
        const total = sumOf(y + 4 * i, 4 * together);
        const after = y + 32 * together + 4 * i;
        store<f32>(after, scale);
        store<f32>(after + 4 * together, scale * <f32>total);
        if (together === 1) store<i32>(after, (-8 * total) & 0xffff, 8);
      }
    }
}

export function roundPairs(call: usize, from: i32, to: i32): void {
  const together = <usize>count(call, 2);
  const blocks = <usize>(count(call, 1) >> 5);
  const blockBytes: usize = together === 1 ? 80 : 76 * together;
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < together; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + <usize>group * blocks * blockBytes;
      for (let b: usize = 0; b < blocks; b++, x += 128, y += blockBytes) {
        const scale = scaleOf(x);
        const inverse = f32x4.splat(inverseOf(scale));
        let first: i32 = 0;
        let second: i32 = 0;
        for (let k: usize = 0; k < 32; k += 4) {
          const q = rounded(x + 4 * k, inverse);
          const both = i16x8.narrow_i32x4_s(q, q);
          const to = y + (k >> 1) * 4 * together + 4 * i;
          store<i32>(to, i32x4.extract_lane(both, 0));
          store<i32>(to + 4 * together, i32x4.extract_lane(both, 1));
          const total = i32x4.dot_i16x8_s(both, i16x8.splat(1));
          if (k < 16) first += i32x4.extract_lane(total, 0) + i32x4.extract_lane(total, 1);
          else second += i32x4.extract_lane(total, 0) + i32x4.extract_lane(total, 1);
        }
        const after = y + 64 * together + 4 * i;
        store<f32>(after, scale);
        store<f32>(after + 4 * together, scale * <f32>first);
        store<f32>(after + 8 * together, scale * <f32>second);
      }
    }
}

/** A token of a group; the last token again where the group is not full. */
function tokenAt(call: usize, group: i32, i: usize): usize {
  const token = min(group * count(call, 2) + <i32>i, count(call, 0) - 1);
  return input(call, 0) + ((<usize>token * <usize>count(call, 1)) << 2);
}

/** Rounds 32 values into words of four i8 that lie `stride` bytes apart; returns their scale. */
function roundTo(x: usize, y: usize, stride: usize): f32 {
  const scale = scaleOf(x);
  const inverse = f32x4.splat(inverseOf(scale));
  for (let k: usize = 0; k < 8; k++) {
    const q = rounded(x + 16 * k, inverse);
    const shorts = i16x8.narrow_i32x4_s(q, q);
    store<i32>(y + k * stride, i32x4.extract_lane(i8x16.narrow_i16x8_s(shorts, shorts), 0));
  }
  return scale;
}

function sumOf(y: usize, stride: usize): i32 {
  let total = i32x4.splat(0);
  for (let k: usize = 0; k < 8; k++)
    total = i32x4.add(
      total,
      i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load32_zero(y + k * stride))),
    );
  return i32x4.extract_lane(total, 0);
}

function scaleOf(x: usize): f32 {
  let most = f32x4.abs(v128.load(x));
  for (let k: usize = 1; k < 8; k++) most = f32x4.pmax(most, f32x4.abs(v128.load(x + 16 * k)));
  return largest(most) / 127;
}

function inverseOf(scale: f32): f32 {
  return scale === 0 ? 0 : 1 / scale;
}

function rounded(x: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}
