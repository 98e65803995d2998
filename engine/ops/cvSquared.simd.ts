// variance / (mean² + 1e-10), in f64: the values are few. Items: one, the output.

import { count, input, output } from "../device/wasm/call.simd";

export function cvSquared(call: usize, from: i32, to: i32): void {
  const mean = meanOf(call);
  const result = <f32>(varianceOf(call, mean) / (mean * mean + 1e-10));
  for (let i = from; i < to; i++) store<f32>(output(call) + ((<usize>i) << 2), result);
}

/** Of the first input, of as many values as the first parameter says. */
export function meanOf(call: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count(call, 0); i++) sum += valueAt(call, i);
  return sum / <f64>count(call, 0);
}

/** The unbiased variance. */
export function varianceOf(call: usize, mean: f64): f64 {
  let squares: f64 = 0;
  for (let i = 0; i < count(call, 0); i++) squares += (valueAt(call, i) - mean) ** 2;
  return squares / <f64>max(1, count(call, 0) - 1);
}

export function valueAt(call: usize, i: i32): f64 {
  return <f64>load<f32>(input(call, 0) + ((<usize>i) << 2));
}
