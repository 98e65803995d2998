// Vector arithmetic that kernels share. A vector holds four f32 unless another type is given.

/** a·b + c, in one rounding where relaxed SIMD offers it. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Dot products of pairs of neighbours, as i16. a holds i8; b holds i8 that are 0 … 127. */
export function dot_i8x16_i7x16(a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_dot<i16>(a, b);
  const low = i16x8.extmul_low_i8x16_s(a, b);
  const high = i16x8.extmul_high_i8x16_s(a, b);
  return i16x8.narrow_i32x4_s(i32x4.extadd_pairwise_i16x8_s(low), i32x4.extadd_pairwise_i16x8_s(high));
}

export function sum(a: v128): f32 {
  const b = f32x4.add(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}

export function largest(a: v128): f32 {
  const b = f32x4.pmax(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return max(f32x4.extract_lane(b, 0), f32x4.extract_lane(b, 1));
}

/**
 * e^x to 2 ulp: 2^n · e^r with |r| ≤ ln 2 / 2, e^r by its Taylor series. Adding 1.5 · 2²³ rounds to an integer and leaves
 * it in the low bits. Below −87 the result stays at the smallest normal number.
 */
export function exp(x: v128): v128 {
  const rounder = f32x4.splat(12582912);
  const bounded = f32x4.pmin(f32x4.splat(88), f32x4.pmax(f32x4.splat(-87), x));
  const shifted = madd(bounded, f32x4.splat(<f32>Math.LOG2E), rounder);
  const n = f32x4.sub(shifted, rounder);
  let r = madd(n, f32x4.splat(-0.693359375), bounded);
  r = madd(n, f32x4.splat(2.1219444e-4), r);
  let power = f32x4.splat(1.0 / 720);
  power = madd(power, r, f32x4.splat(1.0 / 120));
  power = madd(power, r, f32x4.splat(1.0 / 24));
  power = madd(power, r, f32x4.splat(1.0 / 6));
  power = madd(power, r, f32x4.splat(0.5));
  power = madd(power, r, f32x4.splat(1));
  power = madd(power, r, f32x4.splat(1));
  return i32x4.add(power, i32x4.shl(shifted, 23));
}

/** 2^x for x ≤ 0, to 1 ulp or so: a polynomial fitted to 2^f, |f| ≤ ½. Below −126 it stays at the smallest normal. */
export function exp2(x: v128): v128 {
  const rounder = f32x4.splat(12582912);
  const bounded = f32x4.pmax(f32x4.splat(-126), x);
  const shifted = f32x4.add(bounded, rounder);
  const f = f32x4.sub(bounded, f32x4.sub(shifted, rounder));
  let power = f32x4.splat(0.001327647129073739);
  power = madd(power, f, f32x4.splat(0.009675540961325169));
  power = madd(power, f, f32x4.splat(0.05550713092088699));
  power = madd(power, f, f32x4.splat(0.24022120237350464));
  power = madd(power, f, f32x4.splat(0.6931469440460205));
  power = madd(power, f, f32x4.splat(1.0000001192092896));
  return i32x4.add(power, i32x4.shl(shifted, 23));
}

/** The error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
export function erf(x: v128): v128 {
  const one = f32x4.splat(1);
  const sign = v128.and(x, f32x4.splat(-0.0));
  const t = f32x4.div(one, madd(f32x4.splat(0.3275911), f32x4.abs(x), one));
  let series = f32x4.splat(1.061405429);
  series = madd(series, t, f32x4.splat(-1.453152027));
  series = madd(series, t, f32x4.splat(1.421413741));
  series = madd(series, t, f32x4.splat(-0.284496736));
  series = madd(series, t, f32x4.splat(0.254829592));
  const rest = f32x4.mul(f32x4.mul(series, t), exp(f32x4.neg(f32x4.mul(x, x))));
  return v128.or(f32x4.sub(one, rest), sign);
}

/** 1 where x > 0, else 0. */
export function positive(x: v128): v128 {
  return v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.splat(1));
}

/** Four f16 at `at` times 2^-112: this only moves their bits to where f32 has them. Subnormals are right, but slow. */
export function f16x4(at: usize): v128 {
  return v128.and(i32x4.shr_s(i32x4.shl(v128.load16x4_u(at), 16), 3), i32x4.splat(0x8fffe000));
}
