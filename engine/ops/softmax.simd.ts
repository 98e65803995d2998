// e^x / Σ e^x. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { exponentials, maxOf, scaleInto } from "../device/wasm/rows.simd";

@unmanaged
export class SoftmaxCall extends Call {
  rows: i32;
  width: i32;
}

export function softmax(call: SoftmaxCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  for (let row = from; row < to; row++) {
    const x = input(call, 0) + <usize>row * bytes;
    const y = output(call) + <usize>row * bytes;
    const total = exponentials(y, x, bytes, maxOf(x, bytes));
    scaleInto(y, y, bytes, <f32>(1 / total));
  }
}
