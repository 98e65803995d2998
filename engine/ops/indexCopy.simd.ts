// Copies rows into a table by index. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class IndexCopyCall extends Call {
  count: i32;
  capacity: i32;
  width: i32;
}

export function indexCopy(call: IndexCopyCall, from: i32, to: i32): void {
  const capacity = call.capacity;
  const bytes = (<usize>call.width) << 2;
  for (let i = from; i < to; i++) {
    const place = load<i32>(input(call, 2) + ((<usize>i) << 2));
    if (<u32>place >= <u32>capacity) continue;
    memory.copy(output(call) + <usize>place * bytes, input(call, 1) + <usize>i * bytes, bytes);
  }
}
