// e^x / Σ e^x. Items: rows.

import { count, input, output } from "../device/wasm/call.simd";
import { exponentials, highest, scaleInto } from "../device/wasm/rows.simd";

export function softmax(call: usize, from: i32, to: i32): void {
  const bytes = (<usize>count(call, 1)) << 2;
  for (let row = from; row < to; row++) {
    const x = input(call, 0) + <usize>row * bytes;
    const y = output(call) + <usize>row * bytes;
    const total = exponentials(y, x, bytes, highest(x, bytes));
    scaleInto(y, y, bytes, <f32>(1 / total));
  }
}
