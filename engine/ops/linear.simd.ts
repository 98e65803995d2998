// x · weightᵀ + bias with f32 weights. Four tokens are multiplied by eight outputs at a time: 4 × 8 sums fit into
// registers.

import { Call, input, output, scratch } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { interleave } from "../device/wasm/interleave.simd";
import { madd, sum } from "../device/wasm/math.simd";
import { sumsBytes } from "./linear.tiles";

@unmanaged
export class LinearCall extends Call {
  rows: i32;
  inputs: i32;
  outputs: i32;
  /** Whether there is a bias. */
  biased: i32;
}

@unmanaged
export class GroupTokensCall extends Call {
  rows: i32;
  inputs: i32;
  /** Columns of a block. */
  kBlock: i32;
}

/**
 * Interleaves x to [block of columns][group of 4 tokens][column][4], so that a column of four tokens is one vector.
 * Items: groups.
 */
export function groupTokens(call: GroupTokensCall, from: i32, to: i32): void {
  const rows = call.rows;
  const columns = call.inputs;
  const groups = (rows + 3) >> 2;
  for (let k = 0; k < columns; k += call.kBlock) {
    const kBlock = min(columns - k, call.kBlock);
    let y = output(call) + ((<usize>(k * groups + from * kBlock)) << 4);
    for (let group = from; group < to; group++, y += (<usize>kBlock) << 4)
      interleaveRows(input(call, 0) + ((<usize>k) << 2), 4 * group, rows, columns, kBlock, y, 16);
  }
}

/**
 * Interleaves the first `values` values of four rows of `width` values, from row `first` on. Past the end, the last row
 * repeats.
 */
function interleaveRows(x: usize, first: i32, rows: i32, width: i32, values: i32, y: usize, step: usize): void {
  const bytes = (<usize>width) << 2;
  const a = x + <usize>min(first, rows - 1) * bytes;
  const b = x + <usize>min(first + 1, rows - 1) * bytes;
  const c = x + <usize>min(first + 2, rows - 1) * bytes;
  const d = x + <usize>min(first + 3, rows - 1) * bytes;
  interleave(a, b, c, d, (<usize>values) << 2, y, step);
}

/** One token. Items: outputs. */
export function linear1_f32(call: LinearCall, from: i32, to: i32): void {
  const x = input(call, 0);
  const bytes = (<usize>call.inputs) << 2;
  const biased = call.biased !== 0;
  for (let out = from; out < to; out++) {
    const w = input(call, 1) + <usize>out * bytes;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at: usize = 0;
    for (; at + 64 <= bytes; at += 64) {
      a = madd(v128.load(x + at), v128.load(w + at), a);
      b = madd(v128.load(x + at, 16), v128.load(w + at, 16), b);
      c = madd(v128.load(x + at, 32), v128.load(w + at, 32), c);
      d = madd(v128.load(x + at, 48), v128.load(w + at, 48), d);
    }
    let total = sum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
    for (; at < bytes; at += 4) total += load<f32>(x + at) * load<f32>(w + at);
    const y = (<usize>out) << 2;
    store<f32>(output(call) + y, biased ? total + load<f32>(input(call, 2) + y) : total);
  }
}

/** Tokens from groupTokens. Items: tiles of 8 outputs. */
export function linear_f32(call: LinearCall, from: i32, to: i32): void {
  const inputs = call.inputs;
  const outputs = call.outputs;
  for (let tile = from; tile < to; tile++) {
    interleaveRows(input(call, 1), tile * 8, outputs, inputs, inputs, tileAt(), 32);
    interleaveRows(input(call, 1), tile * 8 + 4, outputs, inputs, inputs, tileAt() + 16, 32);
    multiplyTile(call, tile);
  }
}

/** Multiplies all tokens by the tile of weights [column][8] in local memory. */
export function multiplyTile(call: LinearCall, tile: i32): void {
  multiplyPart(call, tile, tileAt(), 0, (call.rows + 3) >> 2, 0, call.inputs);
}

/** Multiplies groups [group, endGroup) of tokens, columns [k, end) (a block of groupTokens), by a tile w [column][8]. */
export function multiplyPart(call: LinearCall, tile: i32, w: usize, group: i32, endGroup: i32, k: i32, end: i32): void {
  const groups = (call.rows + 3) >> 2;
  const bytes = (<usize>(end - k)) << 4;
  let x = scratch(call) + ((<usize>(k * groups)) << 4) + <usize>group * bytes;
  for (; group < endGroup; group++, x += bytes) {
    const y = sumsAt(call, group, tile);
    if (k > 0 && y === local()) loadSums(call, group, tile);
    multiply(x, w, end - k, y, strideAt(call, y), k > 0);
    if (y === local()) storeSums(call, group, tile);
  }
}

/**
 * y [4][8] = Σ x [k][4] · w [k][8] over k. The rows of y are `stride` bytes apart. Where `accumulate`, adds to y instead.
 */
export function multiply(x: usize, w: usize, k: i32, y: usize, stride: usize, accumulate: bool): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  if (accumulate) {
    a0 = v128.load(y);
    a1 = v128.load(y, 16);
    b0 = v128.load(y + stride);
    b1 = v128.load(y + stride, 16);
    c0 = v128.load(y + 2 * stride);
    c1 = v128.load(y + 2 * stride, 16);
    d0 = v128.load(y + 3 * stride);
    d1 = v128.load(y + 3 * stride, 16);
  }
  for (const end = x + ((<usize>k) << 4); x < end; x += 16, w += 32) {
    const low = v128.load(w);
    const high = v128.load(w, 16);
    const a = v128.load32_splat(x);
    a0 = madd(a, low, a0);
    a1 = madd(a, high, a1);
    const b = v128.load32_splat(x, 4);
    b0 = madd(b, low, b0);
    b1 = madd(b, high, b1);
    const c = v128.load32_splat(x, 8);
    c0 = madd(c, low, c0);
    c1 = madd(c, high, c1);
    const d = v128.load32_splat(x, 12);
    d0 = madd(d, low, d0);
    d1 = madd(d, high, d1);
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
  v128.store(y + stride, b0);
  v128.store(y + stride, b1, 16);
  v128.store(y + 2 * stride, c0);
  v128.store(y + 2 * stride, c1, 16);
  v128.store(y + 3 * stride, d0);
  v128.store(y + 3 * stride, d1, 16);
}

/** The address of the tile in local memory, which is behind room for the sums of one group. */
export function tileAt(): usize {
  return local() + sumsBytes;
}

/**
 * Where the sums of a group and a tile are computed: in the output, or, where they need a bias or are cut off at its
 * edge, in local memory. `strideAt` is the distance between two tokens' sums.
 */
export function sumsAt(call: LinearCall, group: i32, tile: i32): usize {
  const outputs = call.outputs;
  if (group * 4 + 4 > call.rows || tile * 8 + 8 > outputs || call.biased) return local();
  return output(call) + ((<usize>(group * 4 * outputs + tile * 8)) << 2);
}

export function strideAt(call: LinearCall, y: usize): usize {
  return y === local() ? 32 : (<usize>call.outputs) << 2;
}

/** Copies the sums of a group and a tile, as far as they exist, from the output to local memory. */
function loadSums(call: LinearCall, group: i32, tile: i32): void {
  const outputs = call.outputs;
  const bytes = (<usize>min(8, outputs - tile * 8)) << 2;
  for (let i = 0; i < 4 && group * 4 + i < call.rows; i++) {
    const y = output(call) + ((<usize>((group * 4 + i) * outputs + tile * 8)) << 2);
    memory.copy(local() + <usize>(32 * i), y, bytes);
  }
}

/** Writes the sums in local memory to the output, with the bias, as far as tokens and outputs exist. */
export function storeSums(call: LinearCall, group: i32, tile: i32): void {
  let y = local();
  for (let i = 0; i < 4; i++, y += 32) store8(call, group * 4 + i, tile, v128.load(y), v128.load(y, 16));
}

/** Writes a token's sums of the 8 outputs of a tile, with the bias, as far as token and outputs exist. */
export function store8(call: LinearCall, token: i32, tile: i32, low: v128, high: v128): void {
  if (token >= call.rows) return;
  const outputs = call.outputs;
  const first = tile * 8;
  const y = output(call) + ((<usize>(token * outputs + first)) << 2);
  if (first + 8 > outputs) {
    storeSome(call, y, tile, low, high);
    return;
  }
  if (call.biased) {
    const bias = input(call, 2) + ((<usize>first) << 2);
    low = f32x4.add(low, v128.load(bias));
    high = f32x4.add(high, v128.load(bias, 16));
  }
  v128.store(y, low);
  v128.store(y, high, 16);
}

function storeSome(call: LinearCall, y: usize, tile: i32, low: v128, high: v128): void {
  for (let out = tile * 8; out < call.outputs; out++, y += 4) {
    const bias = call.biased ? load<f32>(input(call, 2) + ((<usize>out) << 2)) : 0;
    store<f32>(y, f32x4.extract_lane(low, 0) + bias);
    low = i32x4.shuffle(low, high, 1, 2, 3, 4);
    high = i32x4.shuffle(high, high, 1, 2, 3, 0);
  }
}
