// Adds rows into a table by id. A thread goes through all ids and adds those of its own table rows, in order, so that no
// two threads write the same row. Items: rows of the table.

import { Call, input, output } from "../device/wasm/call.simd";
import { addOne } from "./sumRows.simd";

@unmanaged
export class IndexAddCall extends Call {
  count: i32;
  rows: i32;
  width: i32;
}

export function indexAdd(call: IndexAddCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  const y = output(call);
  memory.fill(y + <usize>from * bytes, 0, <usize>(to - from) * bytes);
  for (let i = 0; i < call.count; i++) {
    const row = load<i32>(input(call, 1) + ((<usize>i) << 2));
    if (row >= from && row < to) addOne(y + <usize>row * bytes, input(call, 0) + <usize>i * bytes, bytes);
  }
}
