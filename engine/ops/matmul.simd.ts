// x · weight, with the kernels of linear (linear.simd.ts), whose weight is transposed. 8 columns of the weight, a panel,
// are unpacked to f32 [row][8], some rows at a time. Items: part of the tokens × panel.

import { Call, input, output } from "../device/wasm/call.simd";
import { interleaveFour } from "../device/wasm/interleave.simd";
import { powerOfTwo } from "../device/wasm/layout/half.simd";
import { f16x4 } from "../device/wasm/math.simd";
import { bf16x4 } from "./linear.half.simd";
import { LinearCall, multiplyPart, tileAt } from "./linear.simd";

@unmanaged
export class MatmulCall extends LinearCall {
  /** Parts of the tokens. */
  parts: i32;
  /** How many rows are unpacked at a time. */
  kBlock: i32;
}

@unmanaged
export class GroupColumnsCall extends Call {
  inner: i32;
  rows: i32;
  /** Rows of a block. */
  kBlock: i32;
}

/** Unpacks the 8 rows of a tile, the 8 columns of a panel, to [row][8]. */
type Unpack = (call: MatmulCall, tile: i32, panel: i32, y: usize) => void;

/** How many groups of tokens are multiplied by all panels before the next: they fit into the L2 cache. */
const block = 32;

export function multiplyPanels(call: MatmulCall, from: i32, to: i32, unpack: Unpack): void {
  const groups = (call.rows + 3) >> 2;
  const rows = call.inputs;
  const panels = (call.outputs + 7) >> 3;
  const parts = call.parts;
  const kBlock = call.kBlock;
  const panelBytes = <usize>(((kBlock + 7) >> 3) << 8);
  for (let k = 0; k < rows; k += kBlock) {
    const end = min(rows, k + kBlock);
    for (let item = from; item < to; item++) {
      let y = tileAt() + <usize>(item - from) * panelBytes;
      for (let tile = k >> 3; tile << 3 < end; tile++, y += 256) unpack(call, tile, item % panels, y);
    }
    for (let group = 0; group < groups; group += block)
      for (let item = from; item < to; item++) {
        const part = item / panels;
        const first = max(group, (part * groups) / parts);
        const last = min(group + block, ((part + 1) * groups) / parts);
        multiplyPart(call, item % panels, tileAt() + <usize>(item - from) * panelBytes, first, last, k, end);
      }
  }
}

/**
 * Interleaves the transpose of a matrix (inner, rows) as groupTokens does. Items: groups of 4 rows. The last may have
 * fewer.
 */
export function groupColumns(call: GroupColumnsCall, from: i32, to: i32): void {
  const rows = call.inner;
  const columns = call.rows;
  const groups = (columns + 3) >> 2;
  const whole = min(to, columns >> 2);
  for (let k = 0; k < rows; k += call.kBlock) {
    const kBlock = min(rows - k, call.kBlock);
    const bytes = (<usize>kBlock) << 4;
    for (let i = 0; i < kBlock; i++) {
      const x = input(call, 0) + ((<usize>((k + i) * columns)) << 2);
      let y = output(call) + ((<usize>(k * groups + i)) << 4) + <usize>from * bytes;
      for (let group = from; group < whole; group++, y += bytes) v128.store(y, v128.load(x + ((<usize>group) << 4)));
      if (whole < to) memory.copy(y, x + ((<usize>whole) << 4), (<usize>(columns & 3)) << 2);
    }
  }
}

export function matmul_f32(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    const columns = call.outputs;
    const bytes = (<usize>columns) << 2;
    let w = input(call, 1) + ((<usize>(tile * 8 * columns + panel * 8)) << 2);
    const rows = min(8, call.inputs - tile * 8);
    for (const end = y + <usize>(rows << 5); y < end; y += 32, w += bytes) {
      if (panel * 8 + 8 > columns) memory.copy(y, w, (<usize>(columns & 7)) << 2);
      else {
        v128.store(y, v128.load(w));
        v128.store(y, v128.load(w, 16), 16);
      }
    }
  });
}

export function matmul_f16(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    unpackHalves(call, tile, panel, y, false);
  });
}

export function matmul_bf16(call: MatmulCall, from: i32, to: i32): void {
  multiplyPanels(call, from, to, (call: MatmulCall, tile: i32, panel: i32, y: usize): void => {
    unpackHalves(call, tile, panel, y, true);
  });
}

/** From a tile [column][8 rows] of 16-bit values. */
function unpackHalves(call: MatmulCall, tile: i32, panel: i32, y: usize, brain: bool): void {
  const columns = call.outputs;
  const w = input(call, 1) + ((<usize>(tile * columns)) << 4);
  const last = columns - 1;
  for (let column = panel * 8; column < panel * 8 + 8; column += 4, y += 16) {
    const a = w + ((<usize>min(column, last)) << 4);
    const b = w + ((<usize>min(column + 1, last)) << 4);
    const c = w + ((<usize>min(column + 2, last)) << 4);
    const d = w + ((<usize>min(column + 3, last)) << 4);
    for (let r: usize = 0; r < 16; r += 8)
      interleaveFour(four(a + r, brain), four(b + r, brain), four(c + r, brain), four(d + r, brain), y + 16 * r, 32);
  }
}

function four(at: usize, brain: bool): v128 {
  return brain ? bf16x4(at) : f32x4.mul(f16x4(at), f32x4.splat(powerOfTwo(112)));
}
