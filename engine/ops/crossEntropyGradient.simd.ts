// weight · g · (softmax(logits) − onehot(target)). Items: rows.

import { input, output } from "../device/wasm/call.simd";
import { exponentials, maxOf, scaleInto } from "../device/wasm/rows.simd";
import { CrossEntropyCall } from "./crossEntropy.simd";

export function crossEntropyGradient(call: CrossEntropyCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++) gradientOf(call, row);
}

function gradientOf(call: CrossEntropyCall, row: i32): void {
  const bytes = (<usize>call.vocab) << 2;
  const logits = input(call, 0) + <usize>row * bytes;
  const y = output(call) + <usize>row * bytes;
  const at = (<usize>row) << 2;
  const target = load<i32>(input(call, 1) + at);
  const factor = load<f32>(input(call, 2) + at) * load<f32>(input(call, 3) + at);
  if (factor === 0 || <u32>target >= <u32>call.vocab) {
    memory.fill(y, 0, bytes);
    return;
  }
  const total = exponentials(y, logits, bytes, maxOf(logits, bytes));
  scaleInto(y, y, bytes, <f32>(<f64>factor / total));
  const there = y + ((<usize>target) << 2);
  store<f32>(there, load<f32>(there) - factor);
}
