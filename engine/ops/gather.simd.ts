// Gathers rows of a table in any layout (device/wasm/layout/pack.simd.ts). Items: rows to gather.

import { Call, input, output } from "../device/wasm/call.simd";
import {
  blockQ4_0,
  blockQ4_1,
  blockQ8_0,
  blockQ8_1,
  factorBytes,
  superQ4K,
  superQ6K,
} from "../device/wasm/layout/blocks.tiles";
import { half, smallHalf } from "../device/wasm/layout/half.simd";

@unmanaged
export class GatherCall extends Call {
  count: i32;
  rows: i32;
  width: i32;
}

/** The id of a row to gather; −1 where it is outside the table, and zeros have been written instead. */
function rowAt(call: GatherCall, i: i32): i32 {
  const id = load<i32>(input(call, 1) + ((<usize>i) << 2));
  if (<u32>id < <u32>call.rows) return id;
  memory.fill(outputAt(call, i), 0, (<usize>call.width) << 2);
  return -1;
}

function outputAt(call: GatherCall, i: i32): usize {
  return output(call) + ((<usize>i * <usize>call.width) << 2);
}

export function gather_f32(call: GatherCall, from: i32, to: i32): void {
  const bytes = (<usize>call.width) << 2;
  for (let i = from; i < to; i++) {
    const row = rowAt(call, i);
    if (row >= 0) memory.copy(outputAt(call, i), input(call, 0) + <usize>row * bytes, bytes);
  }
}

export function gather_f16(call: GatherCall, from: i32, to: i32): void {
  const width = <usize>call.width;
  for (let i = from; i < to; i++) {
    const row = rowAt(call, i);
    if (row < 0) continue;
    const x = input(call, 0) + <usize>(row >> 3) * width * 16 + <usize>((row & 7) << 1);
    const y = outputAt(call, i);
    for (let k: usize = 0; k < width; k++) store<f32>(y + 4 * k, half(x + 16 * k));
  }
}

export function gather_bf16(call: GatherCall, from: i32, to: i32): void {
  const width = <usize>call.width;
  for (let i = from; i < to; i++) {
    const row = rowAt(call, i);
    if (row < 0) continue;
    const x = input(call, 0) + <usize>(row >> 3) * width * 16 + <usize>((row & 7) << 1);
    const y = outputAt(call, i);
    for (let k: usize = 0; k < width; k++) store<u32>(y + 4 * k, (<u32>load<u16>(x + 16 * k)) << 16);
  }
}

export function gather_q4_0(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) gatherNibbles(call, i, blockQ4_0, 16, false, 8);
}

export function gather_q4_1(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) gatherNibbles(call, i, blockQ4_1, 32, true, 0);
}

export function gather_q4_k(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = rowAt(call, i);
    if (row < 0) continue;
    const r = <usize>(row & 7);
    const superBlocks = <usize>(call.width >> 8);
    let at = input(call, 0) + <usize>(row >> 3) * superBlocks * superQ4K;
    let y = outputAt(call, i);
    for (const end = at + superBlocks * superQ4K; at < end; at += superQ4K)
      for (let k: usize = 0; k < 256; k++, y += 4) {
        const part = k >> 5;
        const d = load<f32>(at + 4 * r) * <f32>load<u8>(at + 8 * part + r, 64);
        const e = load<f32>(at + 4 * r, 32) * <f32>load<u8>(at + (part >> 1) * 16 + 2 * r + (part & 1), 128);
        store<f32>(y, d * <f32>nibble(at + 192 + part * 128, r, k & 31) - e);
      }
  }
}

export function gather_q6_k(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = rowAt(call, i);
    if (row < 0) continue;
    const r = <usize>(row & 7);
    const superBlocks = <usize>(call.width >> 8);
    let at = input(call, 0) + <usize>(row >> 3) * superBlocks * superQ6K;
    let y = outputAt(call, i);
    for (const end = at + superBlocks * superQ6K; at < end; at += superQ6K)
      for (let k: usize = 0; k < 256; k++, y += 4) {
        const part = k >> 4;
        const d = load<f32>(at + 4 * r) * <f32>load<i8>(at + 8 * part + r, 64);
        const e = load<f32>(at + 4 * r, 32) * <f32>load<i8>(at + (part >> 1) * 16 + 2 * r + (part & 1), 192);
        const quants = at + 320 + (k >> 5) * 192;
        const high = <i32>load<u8>(quants + 128 + ((k >> 3) & 3) * 16 + (r & 3) * 4 + (k & 3));
        const quant = nibble(quants, r, k & 31) | (((high >> <i32>((k & 4) + (r & 4 ? 2 : 0))) & 3) << 4);
        store<f32>(y, d * <f32>quant - e);
      }
  }
}

export function gather_q8_0(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) gatherPairs(call, i, blockQ8_0, 16, false);
}

export function gather_q8_1(call: GatherCall, from: i32, to: i32): void {
  for (let i = from; i < to; i++) gatherPairs(call, i, blockQ8_1, 32, true);
}

function gatherNibbles(call: GatherCall, i: i32, blockBytes: usize, quants: usize, hasMinimum: bool, zero: i32): void {
  const row = rowAt(call, i);
  if (row < 0) return;
  const r = <usize>(row & 7);
  const blocks = <usize>(call.width >> 5);
  let block = input(call, 0) + <usize>(row >> 3) * (factorBytes + blocks * blockBytes);
  const factor = load<f32>(block + 4 * r);
  block += 32;
  let y = outputAt(call, i);
  for (let b: usize = 0; b < blocks; b++, block += blockBytes, y += 128) {
    const scale = smallHalf(block + 2 * r) * factor;
    const minimum = hasMinimum ? smallHalf(block + 16 + 2 * r) * factor : 0;
    for (let k: usize = 0; k < 32; k++)
      store<f32>(y + 4 * k, scale * <f32>(nibble(block + quants, r, k) - zero) + minimum);
  }
}

function gatherPairs(call: GatherCall, i: i32, blockBytes: usize, quants: usize, hasMinimum: bool): void {
  const row = rowAt(call, i);
  if (row < 0) return;
  const r = <usize>(row & 7);
  const blocks = <usize>(call.width >> 5);
  let block = input(call, 0) + <usize>(row >> 3) * (factorBytes + blocks * blockBytes);
  const factor = load<f32>(block + 4 * r);
  block += 32;
  let y = outputAt(call, i);
  for (let b: usize = 0; b < blocks; b++, block += blockBytes, y += 128) {
    const scale = smallHalf(block + 2 * r) * factor;
    const minimum = hasMinimum ? smallHalf(block + 16 + 2 * r) * factor : 0;
    for (let k: usize = 0; k < 32; k++) store<f32>(y + 4 * k, scale * <f32>byteOfPair(block + quants, r, k) + minimum);
  }
}

/** One row of a vector of 4-bit quants, which holds four columns of 8 rows. */
function nibble(quants: usize, r: usize, k: usize): i32 {
  const both = <i32>load<u8>(quants + (k >> 2) * 16 + (r & 3) * 4 + (k & 3));
  return r & 4 ? both >> 4 : both & 15;
}

/** One row of a vector of 8-bit quants, which holds two columns of 8 rows. */
function byteOfPair(quants: usize, r: usize, k: usize): i32 {
  return <i32>load<i8>(quants + (k >> 1) * 16 + r * 2 + (k & 1));
}
