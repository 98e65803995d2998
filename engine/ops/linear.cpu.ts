// Chooses linear's CPU kernels by the weight's layout and the number of tokens: one, or groups of four.

import * as tiles from "./linear.tiles";
import type { Call, CpuKernel } from "./op";

export interface LinearParams extends Record<string, number> {
  rows: number;
  inputs: number;
  outputs: number;
  /** 1 where there is a bias, else 0. */
  biased: number;
}

interface Multiplier {
  /** How activations are quantized; not at all where it is not given. */
  activations?: Quantization;
  /** Bytes of 32 columns of an unpacked tile. */
  tile: number;
}

interface Quantization {
  kernel: string;
  /** How many columns share a scale, and how many bytes they take in a group of one token or of four. */
  span: number;
  bytes: Readonly<Record<1 | 4, number>>;
  /** See linear.quantize.simd.ts. */
  f16Rounding: number;
  /** See linear.quantizeK.simd.ts. */
  part: number;
}

const bytes = {
  kernel: "quantizeBytes",
  span: 32,
  bytes: { 1: tiles.quantizedBytes, 4: tiles.quantizedBytesOfFour },
  part: 0,
} as const;
const pairs = {
  kernel: "quantizePairs",
  span: 32,
  bytes: { 1: tiles.quantizedPairs, 4: tiles.quantizedPairsOfFour },
  part: 0,
} as const;
const superBlocks = { kernel: "quantizeSuperBlocks", span: 256, f16Rounding: 0 } as const;

const multipliers: Readonly<Record<string, Multiplier>> = {
  f32: { tile: tiles.unpackedFloats },
  f16: { tile: tiles.unpackedFloats },
  bf16: { tile: tiles.unpackedFloats },
  q4_0: { activations: { ...bytes, f16Rounding: 1 }, tile: tiles.unpackedQ4 },
  q4_1: { activations: { ...bytes, f16Rounding: 2 }, tile: tiles.unpackedQ4 },
  q4_k: {
    activations: {
      ...superBlocks,
      bytes: { 1: tiles.quantizedSuperBlock32, 4: 4 * tiles.quantizedSuperBlock32 },
      part: 32,
    },
    tile: tiles.unpackedQ4K,
  },
  q6_k: {
    activations: {
      ...superBlocks,
      bytes: { 1: tiles.quantizedSuperBlock16, 4: 4 * tiles.quantizedSuperBlock16 },
      part: 16,
    },
    tile: tiles.unpackedQ6K,
  },
  q8_0: { activations: { ...pairs, f16Rounding: 1 }, tile: tiles.unpackedQ8_0 },
  q8_1: { activations: { ...pairs, f16Rounding: 2 }, tile: tiles.unpackedQ8_1 },
};

/**
 * How many multiplications a chunk should have: a quarter of a thread's part, within bounds. With smaller chunks the
 * threads' reads jump around in memory, which halves its speed; with larger ones some threads wait for others.
 */
const multiplicationsPerChunk = (all: number, threads: number) =>
  Math.min(2 ** 21, Math.max(2 ** 15, all / (4 * threads)));

export function linearOnCpu(
  { params: { rows, inputs, outputs }, layouts: [, layout] }: Call<LinearParams>,
  threads: number,
): CpuKernel[] {
  const { activations, tile } = multipliers[layout];
  const groupSize = rows === 1 ? 1 : 4;
  const groups = Math.ceil(rows / groupSize);
  const byOutput = rows === 1 && layout === "f32";
  const multiply = {
    kernel: `linear${rows === 1 ? 1 : ""}_${layout}`,
    items: byOutput ? outputs : Math.ceil(outputs / 8),
    grain: Math.ceil(multiplicationsPerChunk(rows * inputs * outputs, threads) / (rows * inputs * (byOutput ? 1 : 8))),
    local: rows === 1 ? 0 : tiles.sumsBytes + Math.ceil(inputs / 32) * tile,
  };
  if (rows === 1 && !activations) return [multiply];
  const shared = { reads: [0], items: groups, grain: Math.ceil(4096 / (inputs * groupSize)) };
  const prepare: Pick<CpuKernel, "kernel" | "params" | "scratchBytes"> = activations
    ? {
        kernel: activations.kernel,
        params: {
          rows,
          inputs,
          groupSize,
          span: activations.span,
          f16Rounding: activations.f16Rounding,
          part: activations.part,
        },
        scratchBytes: groups * (inputs / activations.span) * activations.bytes[groupSize],
      }
    : { kernel: "groupTokens", params: { rows, inputs, kBlock: inputs }, scratchBytes: groups * inputs * 16 };
  return [{ ...prepare, ...shared }, multiply];
}
