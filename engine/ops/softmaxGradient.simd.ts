// y ⊙ (g − Σ g ⊙ y). Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

@unmanaged
export class SoftmaxGradientCall extends Call {
  rows: i32;
  width: i32;
}

export function softmaxGradient(call: SoftmaxGradientCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  for (let row = from; row < to; row++) {
    const y = input(call, 0) + <usize>row * bytes;
    const g = input(call, 1) + <usize>row * bytes;
    const result = output(call) + <usize>row * bytes;
    const mean = dot(y, g, bytes);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16)
      v128.store(result + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(g + at), f32x4.splat(mean))));
    for (; at < bytes; at += 4) store<f32>(result + at, load<f32>(y + at) * (load<f32>(g + at) - mean));
  }
}
