// variance / (mean² + 1e-10), in f64, for the values are few. Items: 1.

import { Call, input, output } from "../device/wasm/call.simd";

@unmanaged
export class CvSquaredCall extends Call {
  size: i32;
}

export function cvSquared(call: CvSquaredCall, from: i32, to: i32): void {
  const mean = meanOf(call);
  const result = <f32>(varianceOf(call, mean) / (mean * mean + 1e-10));
  for (let i = from; i < to; i++) store<f32>(output(call) + ((<usize>i) << 2), result);
}

/** The mean of the first input's values. */
export function meanOf(call: CvSquaredCall): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < call.size; i++) sum += valueAt(call, i);
  return sum / <f64>call.size;
}

/** The unbiased variance. */
export function varianceOf(call: CvSquaredCall, mean: f64): f64 {
  let squares: f64 = 0;
  for (let i = 0; i < call.size; i++) squares += (valueAt(call, i) - mean) ** 2;
  return squares / <f64>max(1, call.size - 1);
}

export function valueAt(call: CvSquaredCall, i: i32): f64 {
  return <f64>load<f32>(input(call, 0) + ((<usize>i) << 2));
}
