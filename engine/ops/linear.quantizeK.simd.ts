// Quantizes activations to 8 bits, for weights of the K types: every 256 columns of a token share a scale, as in
// llama.cpp (q8_K). Tokens are in groups of one or four, `groupSize`. A group is a sequence of super-blocks of 256
// columns:
//
//   [64 × 4 columns][token][4 × i8], a scale of each token, f32, the sums of the quants of each part,
//   [pair of parts][token][2 × i16]
//
// Items: groups.

import { output } from "../device/wasm/call.simd";
import { findScale, QuantizeCall, quantized, scale, storeLanes, sumOf, tokenAt } from "./linear.quantize.simd";
import { quantizedSuperBlock16, quantizedSuperBlock32 } from "./linear.tiles";

export function quantizeSuperBlocks(call: QuantizeCall, from: i32, to: i32): void {
  const groupSize = <usize>call.groupSize;
  const superBlockBytes = groupSize * (call.part === 16 ? quantizedSuperBlock16 : quantizedSuperBlock32);
  for (let group = from; group < to; group++)
    for (let i: usize = 0; i < groupSize; i++) {
      let x = tokenAt(call, group, i);
      let y = output(call) + <usize>group * <usize>(call.inputs >> 8) * superBlockBytes + 4 * i;
      for (const end = x + ((<usize>call.inputs) << 2); x < end; x += 1024, y += superBlockBytes) {
        findScale(call, x);
        store<f32>(y + 256 * groupSize, scale);
        quantizeSuperBlock(call, x, y, groupSize, y + 260 * groupSize);
      }
    }
}

function quantizeSuperBlock(call: QuantizeCall, x: usize, y: usize, groupSize: usize, sums: usize): void {
  let before: i32 = 0;
  for (let block: usize = 0; block < 8; block++, x += 128, y += 32 * groupSize) {
    const a = quantized(x);
    const b = quantized(x + 32);
    const c = quantized(x + 64);
    const d = quantized(x + 96);
    storeLanes(y, groupSize, i8x16.narrow_i16x8_s(a, b));
    storeLanes(y + 16 * groupSize, groupSize, i8x16.narrow_i16x8_s(c, d));
    const first = sumOf(i16x8.add(a, b));
    const second = sumOf(i16x8.add(c, d));
    if (call.part === 16) store<i32>(sums + 4 * groupSize * block, pair(first, second));
    else if (block & 1) store<i32>(sums + 2 * groupSize * (block - 1), pair(before, first + second));
    before = first + second;
  }
}

function pair(low: i32, high: i32): i32 {
  return (low & 0xffff) | (high << 16);
}
