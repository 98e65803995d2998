// SiLU(gate) ⊙ up. Items: values.

import { input, output } from "../device/wasm/call.simd";
import { exp } from "../device/wasm/math.simd";

export function swiglu(call: usize, from: i32, to: i32): void {
  const gate = input(call, 0);
  const up = input(call, 1);
  const y = output(call);
  let at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  for (; at + 16 <= end; at += 16) v128.store(y + at, gated(v128.load(gate + at), v128.load(up + at)));
  for (; at < end; at += 4)
    store<f32>(y + at, f32x4.extract_lane(gated(v128.load32_zero(gate + at), v128.load32_zero(up + at)), 0));
}

function gated(gate: v128, up: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(f32x4.div(gate, f32x4.add(one, exp(f32x4.neg(gate)))), up);
}
