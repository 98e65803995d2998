// Functions of rows of f32 values that kernels share.

import { exp, largest, madd, sum } from "./math.simd";

/** The maximum of the values. */
export function maxOf(x: usize, bytes: usize): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    a = f32x4.pmax(a, v128.load(x + at));
    b = f32x4.pmax(b, v128.load(x + at, 16));
  }
  let result = largest(f32x4.pmax(a, b));
  for (; at < bytes; at += 4) result = max(result, load<f32>(x + at));
  return result;
}

/**
 * y = e^(x − rowMax); returns the sum of y. Every 256 values are added up in f32, those sums in f64: long rows stay exact.
 */
export function exponentials(y: usize, x: usize, bytes: usize, rowMax: f32): f64 {
  const maxima = f32x4.splat(rowMax);
  const whole = bytes & ~15;
  let total: f64 = 0;
  let at: usize = 0;
  while (at < whole) {
    let some = f32x4.splat(0);
    for (const end = min(at + 1024, whole); at < end; at += 16) {
      const power = exp(f32x4.sub(v128.load(x + at), maxima));
      v128.store(y + at, power);
      some = f32x4.add(some, power);
    }
    total += <f64>sum(some);
  }
  for (; at < bytes; at += 4) {
    const power = f32x4.extract_lane(exp(f32x4.splat(load<f32>(x + at) - rowMax)), 0);
    store<f32>(y + at, power);
    total += <f64>power;
  }
  return total;
}

/** Σ a ⊙ b. */
export function dot(a: usize, b: usize, bytes: usize): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    even = madd(v128.load(a + at), v128.load(b + at), even);
    odd = madd(v128.load(a + at, 16), v128.load(b + at, 16), odd);
  }
  let total = sum(f32x4.add(even, odd));
  for (; at < bytes; at += 4) total += load<f32>(a + at) * load<f32>(b + at);
  return total;
}

/** y = a ⊙ b. */
export function mulInto(y: usize, a: usize, b: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(a + at) * load<f32>(b + at));
}

/** y = x · factor. */
export function scaleInto(y: usize, x: usize, bytes: usize, factor: f32): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, f32x4.mul(v128.load(x + at), f32x4.splat(factor)));
  for (; at < bytes; at += 4) store<f32>(y + at, load<f32>(x + at) * factor);
}
