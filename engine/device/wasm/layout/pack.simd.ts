// Packs quants from decode.simd.ts into tiles of 8 rows for the linear kernels. A block of 32 columns holds the scales
// (and minima) of the 8 rows, then their quants, so that a vector holds the same columns of several rows. Where the last
// tile has fewer than 8 rows, the scales of the rest are zero. Items: tiles.
//
//   q4_0  8 scales, f16 · quants of 4 bits        144 bytes
//   q4_1  8 scales, 8 minima, f16 · 4 bits        160
//   q8_0  8 scales, f16 · 8 bits                  272
//   q8_1  8 scales, 8 minima, f16 · 8 bits        288
//
// Quants of 4 bits: vector j holds columns 4j … 4j + 3; byte 4r + c holds column 4j + c of rows r (low half) and
// r + 4 (high half). Quants of 8 bits: vector j holds columns 2j and 2j + 1; bytes 2r and 2r + 1 belong to row r. A tile
// with f16 scales begins with one f32 factor a row. A row's scales are multiplied by a power of two, so that none is
// subnormal, for which arithmetic is slow; kernels read them with `f16x4`, and multiply the row's sum by the factor.

import { Call, input, output } from "../call.simd";
import { blockQ4_0, blockQ4_1, blockQ8_0, blockQ8_1 } from "./blocks.tiles";
import { decodedBytes } from "./decode.simd";
import { powerOfTwo, toHalf } from "./half.simd";

@unmanaged
export class PackCall extends Call {
  rows: i32;
  columns: i32;
}

export function pack_q4_0(call: PackCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    const at = packFactors(call, tile, blockQ4_0);
    packHalves(call, tile, at, blockQ4_0, 0);
    packNibbles(call, tile, at + 16, blockQ4_0);
  }
}

export function pack_q4_1(call: PackCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    const at = packFactors(call, tile, blockQ4_1);
    packHalves(call, tile, at, blockQ4_1, 0);
    packHalves(call, tile, at + 16, blockQ4_1, 4);
    packNibbles(call, tile, at + 32, blockQ4_1);
  }
}

export function pack_q8_0(call: PackCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    const at = packFactors(call, tile, blockQ8_0);
    packHalves(call, tile, at, blockQ8_0, 0);
    packPairs(call, tile, at + 16, blockQ8_0);
  }
}

export function pack_q8_1(call: PackCall, from: i32, to: i32): void {
  for (let tile = from; tile < to; tile++) {
    const at = packFactors(call, tile, blockQ8_1);
    packHalves(call, tile, at, blockQ8_1, 0);
    packHalves(call, tile, at + 16, blockQ8_1, 4);
    packPairs(call, tile, at + 32, blockQ8_1);
  }
}

/** Packs f16 or bf16 values (rows, columns) into tiles of [column][8 rows]. */
export function pack_halves(call: PackCall, from: i32, to: i32): void {
  const rows = call.rows;
  const columns = <usize>call.columns;
  for (let tile = from; tile < to; tile++) {
    const y = output(call) + <usize>tile * columns * 16;
    for (let r = 0; r < 8; r++) {
      const row = tile * 8 + r;
      const x = input(call, 0) + <usize>row * columns * 2;
      for (let k: usize = 0; k < columns; k++)
        store<u16>(y + 16 * k + <usize>(2 * r), row < rows ? load<u16>(x + 2 * k) : 0);
    }
  }
}

function tileAt(call: PackCall, tile: i32, header: usize, blockBytes: usize): usize {
  return output(call) + <usize>tile * (header + <usize>(call.columns >> 5) * blockBytes);
}

/** The address of the quants of row r of a tile. Past the last row of the weight, that of the last row. */
function quantsOf(call: PackCall, tile: i32, r: i32): usize {
  const row = min(tile * 8 + r, call.rows - 1);
  return input(call, 0) + <usize>row * decodedBytes(call.columns);
}

/** The address of the row's scales; 0 past the last row of the weight. */
function scalesOf(call: PackCall, tile: i32, r: i32): usize {
  return tile * 8 + r < call.rows ? quantsOf(call, tile, r) + <usize>call.columns : 0;
}

/** Writes a tile's factors; returns the address behind them, where its blocks begin. */
function packFactors(call: PackCall, tile: i32, blockBytes: usize): usize {
  const at = tileAt(call, tile, 32, blockBytes);
  for (let r = 0; r < 8; r++) store<f32>(at + <usize>(4 * r), powerOfTwo(112 - shiftOf(call, tile, r)));
  return at + 32;
}

/** The power of two that brings a row's largest scale or minimum to the highest exponent of an f16. */
function shiftOf(call: PackCall, tile: i32, r: i32): i32 {
  const scales = scalesOf(call, tile, r);
  if (scales === 0) return 0;
  let magnitude: f32 = 0;
  for (let i: usize = 0; i < <usize>(call.columns >> 1); i += 4) magnitude = max(magnitude, abs(load<f32>(scales + i)));
  return magnitude === 0 ? 0 : 15 - (<i32>(reinterpret<u32>(magnitude) >> 23) - 127);
}

/** Writes the scale (`part` 0) or minimum (`part` 4) of each block and row, as f16. */
function packHalves(call: PackCall, tile: i32, at: usize, blockBytes: usize, part: usize): void {
  const blocks = call.columns >> 5;
  for (let r = 0; r < 8; r++) {
    const present = tile * 8 + r < call.rows;
    let scale = scalesOf(call, tile, r);
    const factor = powerOfTwo(shiftOf(call, tile, r));
    let to = at + <usize>(2 * r);
    for (let b = 0; b < blocks; b++, scale += 16, to += blockBytes)
      store<u16>(to, present ? toHalf(load<f32>(scale + part) * factor) : 0);
  }
}

function packNibbles(call: PackCall, tile: i32, at: usize, blockBytes: usize): void {
  const columns = <usize>call.columns;
  for (let r = 0; r < 4; r++) {
    const low = quantsOf(call, tile, r);
    const high = quantsOf(call, tile, r + 4);
    let to = at + <usize>(4 * r);
    for (let k: usize = 0; k < columns; k += 32, to += blockBytes)
      for (let j: usize = 0; j < 8; j++)
        store<u32>(to + 16 * j, load<u32>(low + k + 4 * j) | (load<u32>(high + k + 4 * j) << 4));
  }
}

function packPairs(call: PackCall, tile: i32, at: usize, blockBytes: usize): void {
  const columns = <usize>call.columns;
  for (let r = 0; r < 8; r++) {
    const q = quantsOf(call, tile, r);
    let to = at + <usize>(2 * r);
    for (let k: usize = 0; k < columns; k += 32, to += blockBytes)
      for (let j: usize = 0; j < 16; j++) store<u16>(to + 16 * j, load<u16>(q + k + 2 * j));
  }
}
