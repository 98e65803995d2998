// Pairs of log-sum-exp and Σ g·y. Items: rows.

import { count, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

export function attentionDelta(call: usize, from: i32, to: i32): void {
  const bytes = (<usize>count(call, 1)) << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const pair = output(call) + (row << 3);
    store<f32>(pair, load<f32>(input(call, 0) + (row << 2)));
    store<f32>(pair, dot(input(call, 2) + row * bytes, input(call, 1) + row * bytes, bytes), 4);
  }
}
