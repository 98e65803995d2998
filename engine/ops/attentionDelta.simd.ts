// Pairs of log-sum-exp and delta = Σ g·y. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

@unmanaged
export class AttentionDeltaCall extends Call {
  rows: i32;
  valueDim: i32;
}

export function attentionDelta(call: AttentionDeltaCall, from: i32, to: i32): void {
  const bytes = (<usize>call.valueDim) << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const pair = output(call) + (row << 3);
    store<f32>(pair, load<f32>(input(call, 0) + (row << 2)));
    store<f32>(pair, dot(input(call, 2) + row * bytes, input(call, 1) + row * bytes, bytes), 4);
  }
}
