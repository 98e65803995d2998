// The gradient of rmsNorm's x. Items: rows.

import { input, output } from "../device/wasm/call.simd";
import { madd } from "../device/wasm/math.simd";
import { dot, mulInto } from "../device/wasm/rows.simd";
import { RmsNormCall } from "./rmsNorm.simd";

export function rmsNormGradient(call: RmsNormCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  const width = <f32>call.width;
  const gain = input(call, 1);
  for (let row = from; row < to; row++) {
    const x = input(call, 0) + <usize>row * bytes;
    const g = input(call, 2) + <usize>row * bytes;
    const y = output(call) + <usize>row * bytes;
    const scale: f32 = <f32>1 / sqrt<f32>(dot(x, x, bytes) / width + call.eps);
    mulInto(y, gain, g, bytes);
    const back: f32 = (scale * scale * dot(y, x, bytes)) / width;
    const scales = f32x4.splat(scale);
    const backs = f32x4.splat(-back);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16)
      v128.store(y + at, f32x4.mul(scales, madd(backs, v128.load(x + at), v128.load(y + at))));
    for (; at < bytes; at += 4) store<f32>(y + at, scale * (load<f32>(y + at) - back * load<f32>(x + at)));
  }
}
