// Products of the groups of two rows. Items: row × group.

import { count, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

export function groupDots(call: usize, from: i32, to: i32): void {
  const bytes = (<usize>count(call, 2)) << 2;
  for (let i = from; i < to; i++) {
    const at = <usize>i * bytes;
    store<f32>(output(call) + ((<usize>i) << 2), dot(input(call, 0) + at, input(call, 1) + at, bytes));
  }
}
