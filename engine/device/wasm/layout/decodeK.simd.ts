// The K types, super-blocks of 256 values, → plain quants as decode.simd.ts has them. Items: rows.

import { count, input, output } from "../call.simd";
import { decodedBytes, setScale } from "./decode.simd";
import { half } from "./half.simd";

export function decode_q2_k(call: usize, from: i32, to: i32): void {
  const columns = count(call, 0);
  const blocks = columns >> 8;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 84;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 84, q += 256, scale += 128) {
      const d = half(block + 80);
      const least = half(block + 82);
      for (let i: usize = 0; i < 16; i++) {
        const both = <u32>load<u8>(block + i);
        setScale(scale + 8 * i, d * <f32>(both & 15), -least * <f32>(both >> 4));
      }
      for (let i: usize = 0; i < 256; i += 16) v128.store(q + i, twoBits(block + 16, i));
    }
  }
}

export function decode_q3_k(call: usize, from: i32, to: i32): void {
  const columns = count(call, 0);
  const blocks = columns >> 8;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 110;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 110, q += 256, scale += 128) {
      const d = half(block + 108);
      for (let i: usize = 0; i < 16; i++) setScale(scale + 8 * i, d * <f32>(<i32>q3Scale(block + 96, i) - 32), 0);
      for (let i: usize = 0; i < 256; i += 16) {
        const quants = v128.or(twoBits(block + 32, i), i8x16.shl(bitOfGroup(block, i), 2));
        v128.store(q + i, i8x16.sub(quants, i8x16.splat(4)));
      }
    }
  }
}

export function decode_q4_k(call: usize, from: i32, to: i32): void {
  const columns = count(call, 0);
  const blocks = columns >> 8;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 144;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 144, q += 256, scale += 128) {
      setScalesK(scale, block);
      for (let i: usize = 0; i < 256; i += 16) v128.store(q + i, fourBits(block + 16, i, 32));
    }
  }
}

export function decode_q5_k(call: usize, from: i32, to: i32): void {
  const columns = count(call, 0);
  const blocks = columns >> 8;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 176;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 176, q += 256, scale += 128) {
      setScalesK(scale, block);
      for (let i: usize = 0; i < 256; i += 16)
        v128.store(q + i, v128.or(fourBits(block + 48, i, 32), i8x16.shl(bitOfGroup(block + 16, i), 4)));
    }
  }
}

export function decode_q6_k(call: usize, from: i32, to: i32): void {
  const columns = count(call, 0);
  const blocks = columns >> 8;
  for (let row = from; row < to; row++) {
    let block = input(call, 0) + <usize>(row * blocks) * 210;
    let q = output(call) + <usize>row * decodedBytes(columns);
    let scale = q + <usize>columns;
    for (let b = 0; b < blocks; b++, block += 210, q += 256, scale += 128) {
      const d = half(block + 208);
      for (let i: usize = 0; i < 16; i++) setScale(scale + 8 * i, d * <f32>load<i8>(block + 192 + i), 0);
      for (let i: usize = 0; i < 256; i += 16) {
        const quants = v128.or(fourBits(block, i, 64), i8x16.shl(twoBits(block + 128, i), 4));
        v128.store(q + i, i8x16.sub(quants, i8x16.splat(32)));
      }
    }
  }
}

/** Of values i … i + 15. Each 32 bytes hold 128 values: the first 32 in bits 0 and 1, the next 32 in bits 2 and 3, … */
function twoBits(at: usize, i: usize): v128 {
  const shift = <i32>((i >> 5) & 3) * 2;
  return v128.and(i8x16.shr_u(v128.load(at + (i >> 7) * 32 + (i & 16)), shift), i8x16.splat(3));
}

/** Each `run` bytes hold 2 × `run` values: the first half in the low bits, the second half in the high bits. */
function fourBits(at: usize, i: usize, run: usize): v128 {
  const packed = v128.load(at + (i / (2 * run)) * run + (i & (run - 1)));
  return i & run ? i8x16.shr_u(packed, 4) : v128.and(packed, i8x16.splat(15));
}

/** Thirty-two bytes, one for each place in a group of 32; bit g belongs to group g. */
function bitOfGroup(at: usize, i: usize): v128 {
  return v128.and(i8x16.shr_u(v128.load(at + (i & 16)), <i32>(i >> 5)), i8x16.splat(1));
}

function byte(at: usize): u32 {
  return <u32>load<u8>(at);
}

/** Of 16 scales of 6 bits: the low 4 bits lie in the first 8 bytes, the high 2 bits in the last 4. */
function q3Scale(at: usize, group: usize): u32 {
  const low = (byte(at + (group & 7)) >> (group & 8 ? 4 : 0)) & 15;
  return low | (((byte(at + 8 + (group & 3)) >> (<u32>(group >> 2) * 2)) & 3) << 4);
}

/** Eight scales and eight minima of 6 bits in 12 bytes, times the block's two f16, which come before them. */
function setScalesK(scale: usize, block: usize): void {
  const d = half(block);
  const least = half(block + 2);
  const at = block + 4;
  for (let group: usize = 0; group < 8; group++) {
    let multiple: u32;
    let minimum: u32;
    if (group < 4) {
      multiple = byte(at + group) & 63;
      minimum = byte(at + group + 4) & 63;
    } else {
      multiple = (byte(at + group + 4) & 15) | ((byte(at + group - 4) >> 6) << 4);
      minimum = (byte(at + group + 4) >> 4) | ((byte(at + group) >> 6) << 4);
    }
    setScale(scale + 16 * group, d * <f32>multiple, -least * <f32>minimum);
    setScale(scale + 16 * group + 8, d * <f32>multiple, -least * <f32>minimum);
  }
}
