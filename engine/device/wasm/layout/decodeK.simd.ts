// Unpacks rows of the K types, which have super-blocks of 256 values: a row's quants, unsigned bytes, then for every 16
// of them a scale s and a minimum m, integers as f32. Value = d · s · quant − e · m, where d and e (ggml's dmin) are the
// super-block's two f16. Q3_K and Q6_K store no e: it is d times the quant that stands for zero. Items: rows.

import { input, output } from "../call.simd";
import { DecodeCall, decodedBytes, setScale } from "./decode.simd";

export function decode_q2_k(call: DecodeCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++)
    for (let b: i32 = 0; b < blocksOf(call); b++) {
      const block = blockAt(call, row, b, 84);
      for (let i: usize = 0; i < 16; i++) {
        const both = byte(block + i);
        setScale(scaleAt(call, row, b) + 8 * i, <f32>(both & 15), <f32>(both >> 4));
        v128.store(quantsAt(call, row, b) + 16 * i, twoBits(block + 16, 16 * i));
      }
    }
}

export function decode_q3_k(call: DecodeCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++)
    for (let b: i32 = 0; b < blocksOf(call); b++) {
      const block = blockAt(call, row, b, 110);
      for (let i: usize = 0; i < 16; i++) {
        const scale = <f32>(<i32>q3Scale(block + 96, i) - 32);
        setScale(scaleAt(call, row, b) + 8 * i, scale, scale);
        const third = i8x16.shl(bitOfGroup(block, 16 * i), 2);
        v128.store(quantsAt(call, row, b) + 16 * i, v128.or(twoBits(block + 32, 16 * i), third));
      }
    }
}

export function decode_q4_k(call: DecodeCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++)
    for (let b: i32 = 0; b < blocksOf(call); b++) {
      const block = blockAt(call, row, b, 144);
      for (let i: usize = 0; i < 16; i++) {
        setScale(scaleAt(call, row, b) + 8 * i, <f32>scaleOf(block + 4, i >> 1), <f32>minimumOf(block + 4, i >> 1));
        v128.store(quantsAt(call, row, b) + 16 * i, fourBits(block + 16, 16 * i, 32));
      }
    }
}

export function decode_q5_k(call: DecodeCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++)
    for (let b: i32 = 0; b < blocksOf(call); b++) {
      const block = blockAt(call, row, b, 176);
      for (let i: usize = 0; i < 16; i++) {
        setScale(scaleAt(call, row, b) + 8 * i, <f32>scaleOf(block + 4, i >> 1), <f32>minimumOf(block + 4, i >> 1));
        const fifth = i8x16.shl(bitOfGroup(block + 16, 16 * i), 4);
        v128.store(quantsAt(call, row, b) + 16 * i, v128.or(fourBits(block + 48, 16 * i, 32), fifth));
      }
    }
}

export function decode_q6_k(call: DecodeCall, from: i32, to: i32): void {
  for (let row = from; row < to; row++)
    for (let b: i32 = 0; b < blocksOf(call); b++) {
      const block = blockAt(call, row, b, 210);
      for (let i: usize = 0; i < 16; i++) {
        const scale = <f32>load<i8>(block + 192 + i);
        setScale(scaleAt(call, row, b) + 8 * i, scale, scale);
        const high = i8x16.shl(twoBits(block + 128, 16 * i), 4);
        v128.store(quantsAt(call, row, b) + 16 * i, v128.or(fourBits(block, 16 * i, 64), high));
      }
    }
}

function blocksOf(call: DecodeCall): i32 {
  return call.columns >> 8;
}

function blockAt(call: DecodeCall, row: i32, block: i32, bytes: i32): usize {
  return input(call, 0) + <usize>((row * blocksOf(call) + block) * bytes);
}

function quantsAt(call: DecodeCall, row: i32, block: i32): usize {
  return output(call) + <usize>row * decodedBytes(call.columns) + <usize>(256 * block);
}

function scaleAt(call: DecodeCall, row: i32, block: i32): usize {
  return quantsAt(call, row, 0) + <usize>(call.columns + 128 * block);
}

/** Two bits of each of values i … i + 15. Every 32 bytes hold 128 values: 32 in bits 0 and 1, 32 in bits 2 and 3, … */
function twoBits(at: usize, i: usize): v128 {
  const shift = <i32>((i >> 5) & 3) * 2;
  return v128.and(i8x16.shr_u(v128.load(at + (i >> 7) * 32 + (i & 16)), shift), i8x16.splat(3));
}

/**
 * Four bits of each of values i … i + 15. Every `run` bytes hold `run` values in their low bits, `run` in their high
 * bits.
 */
function fourBits(at: usize, i: usize, run: usize): v128 {
  const packed = v128.load(at + (i / (2 * run)) * run + (i & (run - 1)));
  return i & run ? i8x16.shr_u(packed, 4) : v128.and(packed, i8x16.splat(15));
}

/** One bit of each of values i … i + 15. Bit g of byte n belongs to value 32 · g + n. */
function bitOfGroup(at: usize, i: usize): v128 {
  return v128.and(i8x16.shr_u(v128.load(at + (i & 16)), <i32>(i >> 5)), i8x16.splat(1));
}

function byte(at: usize): u32 {
  return <u32>load<u8>(at);
}

/** One of 16 scales of 6 bits: the first 8 bytes hold the low 4 bits of all, the last 4 bytes the high 2 bits. */
function q3Scale(at: usize, group: usize): u32 {
  const low = (byte(at + (group & 7)) >> (group & 8 ? 4 : 0)) & 15;
  return low | (((byte(at + 8 + (group & 3)) >> (<u32>(group >> 2) * 2)) & 3) << 4);
}

// Eight scales and eight minima of 6 bits take 12 bytes. The low 6 bits of the first 8 bytes hold the first four scales
// and the first four minima. Of the others, the last 4 bytes hold the low 4 bits, and the top of the first 8 the high 2
// bits.
function scaleOf(at: usize, group: usize): u32 {
  if (group < 4) return byte(at + group) & 63;
  return (byte(at + group + 4) & 15) | ((byte(at + group - 4) >> 6) << 4);
}

function minimumOf(at: usize, group: usize): u32 {
  if (group < 4) return byte(at + group + 4) & 63;
  return (byte(at + group + 4) >> 4) | ((byte(at + group) >> 6) << 4);
}
