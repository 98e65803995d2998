// A group's values times its factor. Items: row × group.

import { count, input, output } from "../device/wasm/call.simd";
import { scaleInto } from "../device/wasm/rows.simd";

export function scaleGroups(call: usize, from: i32, to: i32): void {
  const bytes = (<usize>count(call, 2)) << 2;
  for (let i = from; i < to; i++) {
    const at = <usize>i * bytes;
    scaleInto(output(call) + at, input(call, 0) + at, bytes, load<f32>(input(call, 1) + ((<usize>i) << 2)));
  }
}
