// Unpacks rows of a checkpoint's types (see engine/load/dequantize.ts) into int8: a row's quants, then a scale and a
// minimum, f32, for every 16 of them. Value = scale · quant + minimum. Items: rows.

import { Call, input, output } from "../call.simd";
import { half } from "./half.simd";

@unmanaged
export class DecodeCall extends Call {
  columns: i32;
}

/** Bytes of a decoded row. */
export function decodedBytes(columns: i32): usize {
  return <usize>columns + (<usize>columns >> 1);
}

/** Writes the scale and minimum of 16 quants. */
export function setScale(at: usize, scale: f32, minimum: f32): void {
  store<f32>(at, scale);
  store<f32>(at, minimum, 4);
}

function setScales32(at: usize, scale: f32, minimum: f32): void {
  setScale(at, scale, minimum);
  setScale(at + 8, scale, minimum);
}

/** `quants` is the offset in a block of the low 4 bits of its 32 values, `fifths` that of their fifth bits, or 0. */
function decodeBlocks(
  call: DecodeCall,
  from: i32,
  to: i32,
  blockBytes: usize,
  quants: usize,
  fifths: usize,
  hasMinimum: bool,
  zero: i32,
): void {
  const columns = call.columns;
  const blocks = columns >> 5;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * blockBytes;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += blockBytes, q += 32, scale += 16) {
      setScales32(scale, half(block), hasMinimum ? half(block + 2) : 0);
      const packed = v128.load(block + quants);
      let low = v128.and(packed, i8x16.splat(15));
      let high = i8x16.shr_u(packed, 4);
      if (fifths) {
        const bits = load<u32>(block + fifths);
        low = v128.or(low, spread(bits));
        high = v128.or(high, spread(bits >> 16));
      }
      v128.store(q, i8x16.sub(low, i8x16.splat(<i8>zero)));
      v128.store(q, i8x16.sub(high, i8x16.splat(<i8>zero)), 16);
    }
  }
}

/** Sixteen bytes, one for each of the low 16 bits: 16 where it is set, else 0. */
function spread(bits: u32): v128 {
  const both = i8x16.shuffle(i32x4.splat(bits), i32x4.splat(0), 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const bit = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return v128.and(i8x16.eq(v128.and(both, bit), bit), i8x16.splat(16));
}

/** Quants stay 0 … 15: the kernels of this type subtract 8. */
export function decode_q4_0(call: DecodeCall, from: i32, to: i32): void {
  decodeBlocks(call, from, to, 18, 2, 0, false, 0);
}

export function decode_q4_1(call: DecodeCall, from: i32, to: i32): void {
  decodeBlocks(call, from, to, 20, 4, 0, true, 0);
}

export function decode_q5_0(call: DecodeCall, from: i32, to: i32): void {
  decodeBlocks(call, from, to, 22, 6, 2, false, 16);
}

export function decode_q5_1(call: DecodeCall, from: i32, to: i32): void {
  decodeBlocks(call, from, to, 24, 8, 4, true, 0);
}

export function decode_q8_0(call: DecodeCall, from: i32, to: i32): void {
  const columns = call.columns;
  const blocks = columns >> 5;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 34;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 34, q += 32, scale += 16) {
      setScales32(scale, half(block), 0);
      v128.store(q, v128.load(block, 2));
      v128.store(q, v128.load(block, 18), 16);
    }
  }
}
