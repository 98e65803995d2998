// Quantizes activations to 8 bits, for weights of the K types: every 256 columns of a token share a scale, as in
// llama.cpp (q8_K). Tokens are in groups of one or four, `together`. A group is a sequence of super-blocks of 256
// columns:
//
//   [64 × 4 columns][token][4 × i8], a scale of each token, f32, the sums of the quants of each part,
//   [pair of parts][token][2 × i16]
//
// Items: groups.

import { output } from "../device/wasm/call.simd";
import { findScale, RoundCall, rounded, scale, storeLanes, sumOf, tokenAt } from "./linear.round.simd";
import { roundedSuper16, roundedSuper32 } from "./linear.tiles";

export function roundSupers(call: RoundCall, from: i32, to: i32): void {
  const together = <usize>call.together;
  const superBytes = together * (call.part === 16 ? roundedSuper16 : roundedSuper32);
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < together; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + <usize>group * <usize>(call.inputs >> 8) * superBytes + 4 * i;
      for (const end = x + ((<usize>call.inputs) << 2); x < end; x += 1024, y += superBytes) {
        findScale(call, x);
        store<f32>(y + 256 * together, scale);
        roundSuper(call, x, y, together, y + 260 * together);
      }
    }
}

function roundSuper(call: RoundCall, x: usize, y: usize, together: usize, sums: usize): void {
  let before: i32 = 0;
  for (let block: usize = 0; block < 8; block++, x += 128, y += 32 * together) {
    const a = rounded(x);
    const b = rounded(x + 32);
    const c = rounded(x + 64);
    const d = rounded(x + 96);
    storeLanes(y, together, i8x16.narrow_i16x8_s(a, b));
    storeLanes(y + 16 * together, together, i8x16.narrow_i16x8_s(c, d));
    const first = sumOf(i16x8.add(a, b));
    const second = sumOf(i16x8.add(c, d));
    if (call.part === 16) store<i32>(sums + 4 * together * block, pair(first, second));
    else if (block & 1) store<i32>(sums + 2 * together * (block - 1), pair(before, first + second));
    before = first + second;
  }
}

function pair(low: i32, high: i32): i32 {
  return (low & 0xffff) | (high << 16);
}
