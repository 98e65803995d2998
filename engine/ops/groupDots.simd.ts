// Dot products of groups of two rows. Items: row × group.

import { Call, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

@unmanaged
export class GroupDotsCall extends Call {
  rows: i32;
  groups: i32;
  rank: i32;
}

export function groupDots(call: GroupDotsCall, from: i32, to: i32): void {
  const bytes = (<usize>call.rank) << 2;
  for (let i = from; i < to; i++) {
    const at = <usize>i * bytes;
    store<f32>(output(call) + ((<usize>i) << 2), dot(input(call, 0) + at, input(call, 1) + at, bytes));
  }
}
