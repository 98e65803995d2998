// Sums up rows, four at a time, so that the sums are read and written less often. Items: columns.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class SumRowsCall extends Call {
  rows: i32;
  width: i32;
}

export function sumRows(call: SumRowsCall, from: i32, to: i32): void {
  const rows = call.rows;
  const width = (<usize>call.width) << 2;
  const y = output(call) + ((<usize>from) << 2);
  const bytes = (<usize>(to - from)) << 2;
  let x = input(call, 0) + ((<usize>from) << 2);
  memory.fill(y, 0, bytes);
  let row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * width) addFour(y, x, x + width, x + 2 * width, x + 3 * width, bytes);
  for (; row < rows; row++, x += width) addOne(y, x, bytes);
}

function addFour(y: usize, a: usize, b: usize, c: usize, d: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const ab = f32x4.add(v128.load(a + at), v128.load(b + at));
    const cd = f32x4.add(v128.load(c + at), v128.load(d + at));
    v128.store(y + at, f32x4.add(v128.load(y + at), f32x4.add(ab, cd)));
  }
  for (; at < bytes; at += 4) {
    const four = load<f32>(a + at) + load<f32>(b + at) + (load<f32>(c + at) + load<f32>(d + at));
    store<f32>(y + at, load<f32>(y + at) + four);
  }
}

/** y += x. */
export function addOne(y: usize, x: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(y + at) + load<f32>(x + at));
}
