// Packs quants of the K types, from decodeK.simd.ts, into tiles of 8 rows × super-blocks of 256 columns. Scales and
// minima stay integers, so that kernels sum a super-block in integers. Items: tiles.
//
//   q4_k  8 factors d, 8 factors e, f32 · [8 parts][8] scales, [4 pairs of parts][8][2] minima, u8 · quants of 4 bits
//         1216 bytes
//   q6_k  8 factors d, 8 factors e, f32 · [16 parts][8] scales, [8 pairs of parts][8][2] minima, i8 · quants of 6 bits
//         1856 bytes
//
// A part is what shares a scale: 32 columns in q4_k, 16 in q6_k. The low 4 bits of quants lie as in pack.simd.ts, vector
// j for columns 4j … 4j + 3. Of 6-bit quants, eight such vectors are followed by four with the high 2 bits, each for two
// vectors, j and j + 1: bits 0 and 1 belong to j's rows 0–3, 2 and 3 to its rows 4–7, and bits 4 to 7 likewise to j + 1.

import { Call, input, output } from "../call.simd";
import { superQ4K, superQ6K } from "./blocks.tiles";
import { decodedBytes } from "./decode.simd";
import { half } from "./half.simd";

@unmanaged
export class PackKCall extends Call {
  rows: i32;
  columns: i32;
  /** Bytes of a super-block in the checkpoint. */
  superBlockBytes: i32;
  /** The offsets of d and e in it; eAt is −1 where the type has no e. */
  dAt: i32;
  eAt: i32;
  /** The quant that stands for zero. */
  zero: i32;
}

export function pack_q4_k(call: PackKCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++)
    for (let b = 0; b < call.columns >> 8; b++) {
      const y = output(call) + <usize>(tile * (call.columns >> 8) + b) * superQ4K;
      for (let r = 0; r < 8; r++) {
        putFactors(call, tile, b, r, y);
        for (let i: usize = 0; i < 8; i++) putScales(call, tile, b, r, i, 2, y + 64, y + 128);
      }
      putNibbles(call, tile, b, y + 192, 128);
    }
}

export function pack_q6_k(call: PackKCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++)
    for (let b = 0; b < call.columns >> 8; b++) {
      const y = output(call) + <usize>(tile * (call.columns >> 8) + b) * superQ6K;
      for (let r = 0; r < 8; r++) {
        putFactors(call, tile, b, r, y);
        for (let i: usize = 0; i < 16; i++) putScales(call, tile, b, r, i, 1, y + 64, y + 192);
      }
      putNibbles(call, tile, b, y + 320, 192);
      putHighBits(call, tile, b, y + 448);
    }
}

/** The address of the quants of row r of a tile. Past the last row of the weight, that of the last row. */
function rowAt(call: PackKCall, tile: i32, r: i32): usize {
  return input(call, 0) + <usize>min(tile * 8 + r, call.rows - 1) * decodedBytes(call.columns);
}

function putFactors(call: PackKCall, tile: i32, b: i32, r: i32, y: usize): void {
  const row = tile * 8 + r;
  if (row >= call.rows) {
    store<f32>(y + <usize>(4 * r), 0);
    store<f32>(y + <usize>(4 * r), 0, 32);
    return;
  }
  const block = input(call, 1) + <usize>((row * (call.columns >> 8) + b) * call.superBlockBytes);
  const d = half(block + <usize>call.dAt);
  const zero = call.zero;
  store<f32>(y + <usize>(4 * r), d);
  store<f32>(y + <usize>(4 * r), zero ? d * <f32>zero : half(block + <usize>call.eAt), 32);
}

/** Writes the scale and minimum of a part of `size` × 16 columns. */
function putScales(
  call: PackKCall,
  tile: i32,
  b: i32,
  r: i32,
  part: usize,
  size: usize,
  scales: usize,
  minima: usize,
): void {
  const from = rowAt(call, tile, r) + <usize>(call.columns + 128 * b) + 8 * part * size;
  store<i8>(scales + 8 * part + <usize>r, <i8>load<f32>(from));
  store<i8>(minima + (part >> 1) * 16 + <usize>(2 * r) + (part & 1), <i8>load<f32>(from, 4));
}

function putNibbles(call: PackKCall, tile: i32, b: i32, y: usize, blockBytes: usize): void {
  for (let r = 0; r < 4; r++) {
    const low = rowAt(call, tile, r) + <usize>(256 * b);
    const high = rowAt(call, tile, r + 4) + <usize>(256 * b);
    for (let k: usize = 0; k < 256; k += 4) {
      const words = (load<u32>(low + k) & 0x0f0f0f0f) | ((load<u32>(high + k) & 0x0f0f0f0f) << 4);
      store<u32>(y + (k >> 5) * blockBytes + ((k >> 2) & 7) * 16 + <usize>(4 * r), words);
    }
  }
}

function putHighBits(call: PackKCall, tile: i32, b: i32, y: usize): void {
  for (let r = 0; r < 4; r++) {
    const low = rowAt(call, tile, r) + <usize>(256 * b);
    const high = rowAt(call, tile, r + 4) + <usize>(256 * b);
    for (let k: usize = 0; k < 256; k += 8) {
      const first = twoBits(low + k) | (twoBits(high + k) << 2);
      const second = twoBits(low + k + 4) | (twoBits(high + k + 4) << 2);
      store<u32>(y + (k >> 5) * 192 + ((k >> 3) & 3) * 16 + <usize>(4 * r), first | (second << 4));
    }
  }
}

/** Bits 4 and 5 of four quants, one a byte, moved to bits 0 and 1. */
function twoBits(at: usize): u32 {
  return (load<u32>(at) >> 4) & 0x03030303;
}
