// Adds the squares of a part of g to a total. Every 1024 are summed by themselves, so that the sum stays exact. Items:
// parts.

import { Call, input, output } from "../device/wasm/call.simd";
import { dot } from "../device/wasm/rows.simd";

@unmanaged
export class AddSquaresCall extends Call {
  parts: i32;
  size: i32;
}

export function addSquares(call: AddSquaresCall, from: i32, to: i32): void {
  const size = call.size;
  const length = (size + call.parts - 1) / call.parts;
  for (let part = from; part < to; part++) {
    let total = <f64>load<f32>(input(call, 0) + ((<usize>part) << 2));
    const end = input(call, 1) + ((<usize>min((part + 1) * length, size)) << 2);
    let g = input(call, 1) + ((<usize>(part * length)) << 2);
    for (; g < end; g += 4096) total += <f64>dot(g, g, min(4096, end - g));
    store<f32>(output(call) + ((<usize>part) << 2), <f32>total);
  }
}
