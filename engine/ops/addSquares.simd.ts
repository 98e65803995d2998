// A total plus the squares of a part of g, added up 1024 at a time, so that the sum stays exact. Items: parts.

import { count, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

export function addSquares(call: usize, from: i32, to: i32): void {
  const size = count(call, 1);
  const length = (size + count(call, 0) - 1) / count(call, 0);
  for (let part = from; part < to; part++) {
    let total = <f64>load<f32>(input(call, 0) + ((<usize>part) << 2));
    const end = input(call, 1) + ((<usize>min((part + 1) * length, size)) << 2);
    let g = input(call, 1) + ((<usize>(part * length)) << 2);
    for (; g < end; g += 4096) total += <f64>dot(g, g, min(4096, end - g));
    store<f32>(output(call) + ((<usize>part) << 2), <f32>total);
  }
}
