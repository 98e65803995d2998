// Pads rows with zeros on both sides. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class PadColumnsCall extends Call {
  rows: i32;
  width: i32;
  first: i32;
  count: i32;
}

export function padColumns(call: PadColumnsCall, from: i32, to: i32): void {
  const stride = (<usize>call.width) << 2;
  const before = (<usize>call.first) << 2;
  const bytes = (<usize>call.count) << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const y = output(call) + row * stride;
    memory.fill(y, 0, before);
    memory.copy(y + before, input(call, 0) + row * bytes, bytes);
    memory.fill(y + before + bytes, 0, stride - before - bytes);
  }
}
