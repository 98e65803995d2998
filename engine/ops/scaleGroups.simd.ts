// Multiplies the values of a group by its factor. Items: row × group.

import { Call, input, output } from "../device/wasm/call.simd";
import { scaleInto } from "../device/wasm/rows.simd";

@unmanaged
export class ScaleGroupsCall extends Call {
  rows: i32;
  groups: i32;
  rank: i32;
}

export function scaleGroups(call: ScaleGroupsCall, from: i32, to: i32): void {
  const bytes = (<usize>call.rank) << 2;
  for (let i = from; i < to; i++) {
    const at = <usize>i * bytes;
    scaleInto(output(call) + at, input(call, 0) + at, bytes, load<f32>(input(call, 1) + ((<usize>i) << 2)));
  }
}
