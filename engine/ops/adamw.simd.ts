// A step of AdamW, in place. Items: values.

import { Call, input, output } from "../device/wasm/call.simd";
import { madd } from "../device/wasm/math.simd";

@unmanaged
export class AdamwCall extends Call {
  size: i32;
  parts: i32;
}

export function adamw(call: AdamwCall, from: i32, to: i32): void {
  const apart = (<usize>call.size) << 2;
  const clip = clipping(call);
  const some1: f32 = <f32>1 - setting(call, 1);
  const some2: f32 = <f32>1 - setting(call, 2);
  const eps = setting(call, 3);
  const kept: f32 = <f32>1 - setting(call, 0) * setting(call, 4);
  const rate = setting(call, 0) / setting(call, 6);
  const unbias2: f32 = <f32>1 / sqrt<f32>(setting(call, 7));

  let p = output(call) + ((<usize>from) << 2);
  let g = input(call, 1) + ((<usize>from) << 2);
  const end = output(call) + ((<usize>to) << 2);
  for (; p + 16 <= end; p += 16, g += 16) {
    const clipped = f32x4.mul(f32x4.splat(clip), v128.load(g));
    const m = movingAverage(v128.load(p + apart), clipped, some1);
    const v = movingAverage(v128.load(p + 2 * apart), f32x4.mul(clipped, clipped), some2);
    const spread = madd(f32x4.sqrt(v), f32x4.splat(unbias2), f32x4.splat(eps));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), spread);
    v128.store(p, f32x4.sub(f32x4.mul(f32x4.splat(kept), v128.load(p)), step));
    v128.store(p + apart, m);
    v128.store(p + 2 * apart, v);
  }
  for (; p < end; p += 4, g += 4) {
    const clipped: f32 = clip * load<f32>(g);
    const m: f32 = load<f32>(p + apart) + some1 * (clipped - load<f32>(p + apart));
    const v: f32 = load<f32>(p + 2 * apart) + some2 * (clipped * clipped - load<f32>(p + 2 * apart));
    store<f32>(p, kept * load<f32>(p) - (rate * m) / (sqrt<f32>(v) * unbias2 + eps));
    store<f32>(p + apart, m);
    store<f32>(p + 2 * apart, v);
  }
}

/** A value of `schedule`, in the order of adamw.ts. */
function setting(call: AdamwCall, index: usize): f32 {
  return load<f32>(input(call, 3) + (index << 2));
}

/** The factor by which gradients are clipped. */
function clipping(call: AdamwCall): f32 {
  let squares: f64 = 0;
  for (let i: usize = 0; i < <usize>call.parts; i++) squares += <f64>load<f32>(input(call, 2) + (i << 2));
  const norm = <f32>Math.sqrt(squares);
  return norm > setting(call, 5) ? setting(call, 5) / norm : 1;
}

/** An exponential moving average: mean + factor · (value − mean). */
function movingAverage(mean: v128, value: v128, factor: f32): v128 {
  return madd(f32x4.splat(factor), f32x4.sub(value, mean), mean);
}
