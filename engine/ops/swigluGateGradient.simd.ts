// g ⊙ up ⊙ SiLU′(gate). Items: values.

import { input, output } from "../device/wasm/call.simd";
import { exp, madd } from "../device/wasm/math.simd";

export function swigluGateGradient(call: usize, from: i32, to: i32): void {
  const gate = input(call, 0);
  const up = input(call, 1);
  const g = input(call, 2);
  const y = output(call);
  let at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  for (; at + 16 <= end; at += 16) {
    const passed = f32x4.mul(v128.load(g + at), v128.load(up + at));
    v128.store(y + at, f32x4.mul(passed, slope(v128.load(gate + at))));
  }
  for (; at < end; at += 4) {
    const passed = load<f32>(g + at) * load<f32>(up + at);
    store<f32>(y + at, passed * f32x4.extract_lane(slope(v128.load32_zero(gate + at)), 0));
  }
}

function slope(gate: v128): v128 {
  const one = f32x4.splat(1);
  const share = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(gate))));
  return f32x4.mul(share, madd(gate, f32x4.sub(one, share), one));
}
