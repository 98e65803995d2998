// Rows into their places in a table. Items: rows.

import { count, input, output } from "../device/wasm/call.simd";

export function indexCopy(call: usize, from: i32, to: i32): void {
  const capacity = count(call, 1);
  const bytes = (<usize>count(call, 2)) << 2;
  for (let i = from; i < to; i++) {
    const place = load<i32>(input(call, 2) + ((<usize>i) << 2));
    if (<u32>place >= <u32>capacity) continue;
    memory.copy(output(call) + <usize>place * bytes, input(call, 1) + <usize>i * bytes, bytes);
  }
}
