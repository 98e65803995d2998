// Adds one to each position. Items: positions.

import { input } from "../device/wasm/call.simd";

export function advance(call: usize, from: i32, to: i32): void {
  const positions = input(call, 0);
  for (let i = from; i < to; i++) {
    const at = positions + ((<usize>i) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
}
