// Adds one to each position. Items: positions.

import { Call, input } from "../device/wasm/call.simd";

@unmanaged
export class AdvanceCall extends Call {
  count: i32;
}

export function advance(call: AdvanceCall, from: i32, to: i32): void {
  const positions = input(call, 0);
  for (let i = from; i < to; i++) {
    const at = positions + ((<usize>i) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
}
