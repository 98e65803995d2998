// a ⊙ b. Items: values.

import { input, output } from "../device/wasm/call.simd";

export function mul(call: usize, from: i32, to: i32): void {
  const at = (<usize>from) << 2;
  mulInto(output(call) + at, input(call, 0) + at, input(call, 1) + at, (<usize>(to - from)) << 2);
}

/** y = a ⊙ b. */
export function mulInto(y: usize, a: usize, b: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(a + at) * load<f32>(b + at));
}
