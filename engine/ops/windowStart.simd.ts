// The first key that each query sees through a sliding window. Items: queries.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class WindowStartCall extends Call {
  count: i32;
  window: i32;
}

export function windowStart(call: WindowStartCall, from: i32, to: i32): void {
  const before = call.window - 1;
  for (let i = from; i < to; i++) {
    const at = (<usize>i) << 2;
    const start = load<i32>(input(call, 0) + at) - before;
    const first = load<i32>(input(call, 1) + at);
    store<i32>(output(call) + at, max(first, start));
  }
}
