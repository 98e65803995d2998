// Copies columns. Items: rows.

import { count, input, output } from "../device/wasm/call.simd";

export function sliceColumns(call: usize, from: i32, to: i32): void {
  const stride = (<usize>count(call, 1)) << 2;
  const first = input(call, 0) + ((<usize>count(call, 2)) << 2);
  const bytes = (<usize>count(call, 3)) << 2;
  for (let row = <usize>from; row < <usize>to; row++)
    memory.copy(output(call) + row * bytes, first + row * stride, bytes);
}
