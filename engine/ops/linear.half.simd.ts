// x · weightᵀ + bias over weights of 16 bits, f16 or bf16, in tiles of [column][8 outputs]. Items: tiles.

import { input } from "../device/wasm/call.simd";
import { powerOfTwo } from "../device/wasm/layout/half.simd";
import { f16x4, madd } from "../device/wasm/math.simd";
import { LinearCall, multiplyTile, store8, tileAt } from "./linear.simd";

/** One token. */
export function linear1_f16(call: LinearCall, from: i32, to: i32): void {
  const bytes = (<usize>call.inputs) << 4;
  const factor = f32x4.splat(powerOfTwo(112));
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>tile * bytes;
    let x = input(call, 0);
    let a = f32x4.splat(0);
    let b = a;
    for (const end = w + bytes; w < end; w += 16, x += 4) {
      const value = v128.load32_splat(x);
      a = madd(value, f16x4(w), a);
      b = madd(value, f16x4(w + 8), b);
    }
    store8(call, 0, tile, f32x4.mul(a, factor), f32x4.mul(b, factor));
  }
}

/** One token. */
export function linear1_bf16(call: LinearCall, from: i32, to: i32): void {
  const bytes = (<usize>call.inputs) << 4;
  for (let tile = from; tile < to; tile++) {
    let w = input(call, 1) + <usize>tile * bytes;
    let x = input(call, 0);
    let a = f32x4.splat(0);
    let b = a;
    for (const end = w + bytes; w < end; w += 16, x += 4) {
      const value = v128.load32_splat(x);
      a = madd(value, bf16x4(w), a);
      b = madd(value, bf16x4(w + 8), b);
    }
    store8(call, 0, tile, a, b);
  }
}

/** Tokens from groupTokens. */
export function linear_f16(call: LinearCall, from: i32, to: i32): void {
  const bytes = (<usize>call.inputs) << 4;
  const factor = f32x4.splat(powerOfTwo(112));
  for (let tile = from; tile < to; tile++) {
    const w = input(call, 1) + <usize>tile * bytes;
    for (let at: usize = 0; at < bytes; at += 8) v128.store(tileAt() + 2 * at, f32x4.mul(f16x4(w + at), factor));
    multiplyTile(call, tile);
  }
}

/** Tokens from groupTokens. */
export function linear_bf16(call: LinearCall, from: i32, to: i32): void {
  const bytes = (<usize>call.inputs) << 4;
  for (let tile = from; tile < to; tile++) {
    const w = input(call, 1) + <usize>tile * bytes;
    for (let at: usize = 0; at < bytes; at += 8) v128.store(tileAt() + 2 * at, bf16x4(w + at));
    multiplyTile(call, tile);
  }
}

/** Four bf16 as f32. A bf16 is the upper half of an f32. */
export function bf16x4(at: usize): v128 {
  return i32x4.shl(v128.load16x4_u(at), 16);
}
