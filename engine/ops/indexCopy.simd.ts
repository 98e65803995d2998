// Copies rows into a table by index. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { maxCached } from "./attention.tiles";

@unmanaged
export class IndexCopyCall extends Call {
  count: i32;
  capacity: i32;
  width: i32;
  /** Where the table is f16, the size of its innermost dimension, else 0. */
  f16: i32;
}

export function indexCopy(call: IndexCopyCall, from: i32, to: i32): void {
  const capacity = call.capacity;
  const bytes = (<usize>call.width) << 2;
  for (let i = from; i < to; i++) {
    const place = load<i32>(input(call, 2) + ((<usize>i) << 2));
    if (<u32>place >= <u32>capacity) continue;
    memory.copy(output(call) + <usize>place * bytes, input(call, 1) + <usize>i * bytes, bytes);
  }
}

/**
 * The same into a table in the layout i16, [row][head][dim] integers, then a scale for each row and head. An integer times
 * its scale is the value. The scale is NaN where a value is not finite.
 */
export function indexCopy_i16(call: IndexCopyCall, from: i32, to: i32): void {
  const capacity = call.capacity;
  const dim = call.f16;
  const heads = call.width / dim;
  const bytes = (<usize>dim) << 2;
  const scales = output(call) + <usize>capacity * <usize>call.width * 2;
  for (let i = from; i < to; i++) {
    const place = load<i32>(input(call, 2) + ((<usize>i) << 2));
    if (<u32>place >= <u32>capacity) continue;
    for (let head = 0; head < heads; head++) {
      const x = input(call, 1) + <usize>(i * heads + head) * bytes;
      const row = <usize>(place * heads + head);
      store<f32>(scales + (row << 2), roundRow(x, bytes, output(call) + (row * bytes) / 2));
    }
  }
}

/** Rounds a row to integers of at most `maxCached`, and returns their scale. */
function roundRow(x: usize, bytes: usize, y: usize): f32 {
  let most: f32 = 0;
  for (let at: usize = 0; at < bytes; at += 4) most = max(most, abs(load<f32>(x + at))); // max propagates NaN
  if (most < 1e-30) {
    memory.fill(y, 0, bytes / 2);
    return 0;
  }
  const factor = <f32>maxCached / most;
  for (let at: usize = 0; at < bytes; at += 4) store<i16>(y + at / 2, <i16>(<i32>nearest(load<f32>(x + at) * factor)));
  return most < Infinity ? most / <f32>maxCached : NaN;
}
