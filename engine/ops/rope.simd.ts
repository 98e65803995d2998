// Rotates pairs by the angles of the token's position. Items: tokens.

import { Call, input, output } from "../device/wasm/call.simd";
import { madd } from "../device/wasm/math.simd";

@unmanaged
export class RopeCall extends Call {
  count: i32;
  heads: i32;
  dim: i32;
  rotated: i32;
  context: i32;
  interleaved: i32;
  inverse: i32;
}

export function rope(call: RopeCall, from: i32, to: i32): void {
  const heads = call.heads;
  const headBytes = (<usize>call.dim) << 2;
  const rotated = call.rotated;
  const last = call.context - 1;
  const interleaved = call.interleaved !== 0;
  const sense: f32 = call.inverse !== 0 ? -1 : 1;
  for (let i = from; i < to; i++) {
    const position = max(0, min(load<i32>(input(call, 2) + ((<usize>i) << 2)), last));
    const cosSin = input(call, 1) + ((<usize>(position * rotated)) << 2);
    let at = <usize>(i * heads) * headBytes;
    for (let head = 0; head < heads; head++, at += headBytes) {
      const x = input(call, 0) + at;
      const y = output(call) + at;
      if (interleaved) rotateNeighbours(y, x, cosSin, rotated, sense);
      else rotateHalves(y, x, cosSin, rotated, sense);
      const rotatedBytes = (<usize>rotated) << 2;
      if (rotatedBytes < headBytes) memory.copy(y + rotatedBytes, x + rotatedBytes, headBytes - rotatedBytes);
    }
  }
}

/** Pairs (i, i + rotated/2). */
function rotateHalves(y: usize, x: usize, cosSin: usize, rotated: i32, sense: f32): void {
  const half = (<usize>rotated >> 1) << 2;
  let at: usize = 0;
  for (; at + 16 <= half; at += 16) {
    const a = v128.load(x + at);
    const b = v128.load(x + at + half);
    const cos = v128.load(cosSin + at);
    const sin = f32x4.mul(f32x4.splat(sense), v128.load(cosSin + at + half));
    v128.store(y + at, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
    v128.store(y + at + half, madd(a, sin, f32x4.mul(b, cos)));
  }
  for (; at < half; at += 4) rotate(y + at, y + at + half, x + at, x + at + half, cosSin + at, half, sense);
}

/** Pairs (2i, 2i + 1). */
function rotateNeighbours(y: usize, x: usize, cosSin: usize, rotated: i32, sense: f32): void {
  const half = (<usize>rotated >> 1) << 2;
  for (let at: usize = 0; at < half; at += 4)
    rotate(y + 2 * at, y + 2 * at + 4, x + 2 * at, x + 2 * at + 4, cosSin + at, half, sense);
}

function rotate(ya: usize, yb: usize, xa: usize, xb: usize, cosSin: usize, half: usize, sense: f32): void {
  const a = load<f32>(xa);
  const b = load<f32>(xb);
  const cos = load<f32>(cosSin);
  const sin = sense * load<f32>(cosSin + half);
  store<f32>(ya, a * cos - b * sin);
  store<f32>(yb, a * sin + b * cos);
}
