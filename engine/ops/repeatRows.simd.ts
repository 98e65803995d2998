// Repeats a row. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class RepeatRowsCall extends Call {
  rows: i32;
  width: i32;
}

export function repeatRows(call: RepeatRowsCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  for (let row = from; row < to; row++) memory.copy(output(call) + <usize>row * bytes, input(call, 0), bytes);
}
