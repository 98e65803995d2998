// weight · (log Σ e^logit − logit of the target). Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { exponentials, maxOf } from "../device/wasm/rows.simd";

@unmanaged
export class CrossEntropyCall extends Call {
  rows: i32;
  vocab: i32;
}

export function crossEntropy(call: CrossEntropyCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++) store<f32>(output(call) + ((<usize>row) << 2), <f32>loss(call, row));
}

function loss(call: CrossEntropyCall, row: i32): f64 {
  const bytes = (<usize>call.vocab) << 2;
  const logits = input(call, 0) + <usize>row * bytes;
  const target = load<i32>(input(call, 1) + ((<usize>row) << 2));
  const weight = load<f32>(input(call, 2) + ((<usize>row) << 2));
  if (weight === 0 || <u32>target >= <u32>call.vocab) return 0;
  const rowMax = maxOf(logits, bytes);
  let total: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4096)
    total += exponentials(local(), logits + at, min(4096, bytes - at), rowMax);
  const distance = <f64>rowMax - <f64>load<f32>(logits + ((<usize>target) << 2));
  return <f64>weight * (Math.log(total) + distance);
}
