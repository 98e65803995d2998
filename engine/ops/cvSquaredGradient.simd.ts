// The gradient of cvSquared's z. Items: values.

import { input, output } from "../device/wasm/call.simd";
import { CvSquaredCall, meanOf, valueAt, varianceOf } from "./cvSquared.simd";

export function cvSquaredGradient(call: CvSquaredCall, from: i32, to: i32): void {
  const size = call.size;
  const mean = meanOf(call);
  const scale = 1 / (mean * mean + 1e-10);
  const g = 2 * scale * <f64>load<f32>(input(call, 1));
  const bySpread = g / <f64>max(1, size - 1);
  const byMean = (g * scale * mean * varianceOf(call, mean)) / <f64>size;
  for (let i = from; i < to; i++)
    store<f32>(output(call) + ((<usize>i) << 2), <f32>(bySpread * (valueAt(call, i) - mean) - byMean));
}
