// a ⊙ b. Items: values.

import { input, output } from "../device/wasm/call.simd";

export function mul(call: usize, from: i32, to: i32): void {
  const a = input(call, 0);
  const b = input(call, 1);
  const y = output(call);
  let at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  for (; at + 16 <= end; at += 16) v128.store(y + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  for (; at < end; at += 4) store<f32>(y + at, load<f32>(a + at) * load<f32>(b + at));
}
