// x · by. Items: values.

import { input, output, param } from "../device/wasm/call.simd";

export function scale(call: usize, from: i32, to: i32): void {
  const at = (<usize>from) << 2;
  scaleInto(output(call) + at, input(call, 0) + at, (<usize>(to - from)) << 2, param(call, 1));
}

/** y = x · factor. */
export function scaleInto(y: usize, x: usize, bytes: usize, factor: f32): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.mul(v128.load(x + at), f32x4.splat(factor)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * factor);
}
