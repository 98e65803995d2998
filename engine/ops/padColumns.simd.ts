// Columns among zeros. Items: rows.

import { count, input, output } from "../device/wasm/call.simd";

export function padColumns(call: usize, from: i32, to: i32): void {
  const stride = (<usize>count(call, 1)) << 2;
  const before = (<usize>count(call, 2)) << 2;
  const bytes = (<usize>count(call, 3)) << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const y = output(call) + row * stride;
    memory.fill(y, 0, before);
    memory.copy(y + before, input(call, 0) + row * bytes, bytes);
    memory.fill(y + before + bytes, 0, stride - before - bytes);
  }
}
