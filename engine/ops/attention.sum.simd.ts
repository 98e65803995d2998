// Combines the results of the parts of the keys into attention's output (split-KV, as in Flash-Decoding). A part's result
// is its weighted sums of values, then its maximum score times log₂ e, then its total. Items: query × head.

import { output, scratch } from "../device/wasm/call.simd";
import { exp2, madd } from "../device/wasm/math.simd";
import { scaleInto } from "../device/wasm/rows.simd";
import { AttentionCall } from "./attention.online.simd";
import { inverse, logSumExp } from "./attention.tile.simd";

export function attentionSum(call: AttentionCall, from: i32, to: i32): void {
  const parts = call.parts;
  const bytes = (<usize>call.valueDim) << 2;
  const partBytes = bytes + 8;
  for (let item = from; item < to; item++) {
    const first = scratch(call) + <usize>(item * parts) * partBytes;
    const end = first + <usize>parts * partBytes;
    let rowMax = load<f32>(first + bytes);
    for (let part = first; part < end; part += partBytes) rowMax = max(rowMax, load<f32>(part + bytes));
    const y = output(call) + <usize>item * bytes;
    memory.fill(y, 0, bytes);
    let total: f32 = 0;
    for (let part = first; part < end; part += partBytes) {
      const partTotal = load<f32>(part + bytes, 4);
      if (partTotal === 0) continue;
      const corrections = exp2(f32x4.splat(load<f32>(part + bytes) - rowMax));
      total += f32x4.extract_lane(corrections, 0) * partTotal;
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) v128.store(y + at, madd(corrections, v128.load(part + at), v128.load(y + at)));
      for (; at < bytes; at += 4)
        store<f32>(y + at, load<f32>(y + at) + f32x4.extract_lane(corrections, 0) * load<f32>(part + at));
    }
    scaleInto(y, y, bytes, inverse(total));
    store<f32>(output(call, 1) + ((<usize>item) << 2), logSumExp(rowMax, total));
  }
}
