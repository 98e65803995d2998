// Copies columns. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class SliceColumnsCall extends Call {
  rows: i32;
  width: i32;
  first: i32;
  count: i32;
}

export function sliceColumns(call: SliceColumnsCall, from: i32, to: i32): void {
  const stride = (<usize>call.width) << 2;
  const first = input(call, 0) + ((<usize>call.first) << 2);
  const bytes = (<usize>call.count) << 2;
  for (let row = <usize>from; row < <usize>to; row++)
    memory.copy(output(call) + row * bytes, first + row * stride, bytes);
}
