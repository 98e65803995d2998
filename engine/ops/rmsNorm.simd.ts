// x / √(mean x² + eps) ⊙ gain. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

@unmanaged
export class RmsNormCall extends Call {
  rows: i32;
  width: i32;
  eps: f32;
}

export function rmsNorm(call: RmsNormCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  const eps = call.eps;
  const gain = input(call, 1);
  for (let row = from; row < to; row++) {
    const x = input(call, 0) + <usize>row * bytes;
    const y = output(call) + <usize>row * bytes;
    const scale: f32 = <f32>1 / sqrt<f32>(dot(x, x, bytes) / <f32>call.width + eps);
    const scales = f32x4.splat(scale);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16)
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), scales), v128.load(gain + at)));
    for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * scale * load<f32>(gain + at));
  }
}
