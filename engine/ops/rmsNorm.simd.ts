// x / √(mean x² + eps) ⊙ gain. Items: rows.

import { count, input, output, param } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

export function rmsNorm(call: usize, from: i32, to: i32): void {
  const bytes = (<usize>count(call, 1)) << 2;
  const eps = param(call, 2);
  const gain = input(call, 1);
  for (let row = from; row < to; row++) {
    const x = input(call, 0) + <usize>row * bytes;
    const y = output(call) + <usize>row * bytes;
    const scale: f32 = <f32>1 / sqrt<f32>(dot(x, x, bytes) / <f32>count(call, 1) + eps);
    const scales = f32x4.splat(scale);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16)
      v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), scales), v128.load(gain + at)));
    for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * scale * load<f32>(gain + at));
  }
}
