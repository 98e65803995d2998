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
  round?: Rounding;
  /** Bytes of 32 columns of an unpacked tile. */
  tile: number;
}

interface Rounding {
  kernel: string;
  /** How many columns share a scale, and how many bytes they take in a group of one token or of four. */
  span: number;
  bytes: Readonly<Record<1 | 4, number>>;
  /** See linear.round.simd.ts. */
  f16Rounding: number;
  /** See linear.roundK.simd.ts. */
  part: number;
}

const bytes = {
  kernel: "roundBytes",
  span: 32,
  bytes: { 1: tiles.roundedBytes, 4: tiles.roundedBytesOfFour },
  part: 0,
} as const;
const pairs = {
  kernel: "roundPairs",
  span: 32,
  bytes: { 1: tiles.roundedPairs, 4: tiles.roundedPairsOfFour },
  part: 0,
} as const;
const supers = { kernel: "roundSupers", span: 256, f16Rounding: 0 } as const;

const multipliers: Readonly<Record<string, Multiplier>> = {
  f32: { tile: tiles.unpackedFloats },
  f16: { tile: tiles.unpackedFloats },
  bf16: { tile: tiles.unpackedFloats },
  q4_0: { round: { ...bytes, f16Rounding: 1 }, tile: tiles.unpackedQ4 },
  q4_1: { round: { ...bytes, f16Rounding: 2 }, tile: tiles.unpackedQ4 },
  q4_k: {
    round: { ...supers, bytes: { 1: tiles.roundedSuper32, 4: 4 * tiles.roundedSuper32 }, part: 32 },
    tile: tiles.unpackedQ4K,
  },
  q6_k: {
    round: { ...supers, bytes: { 1: tiles.roundedSuper16, 4: 4 * tiles.roundedSuper16 }, part: 16 },
    tile: tiles.unpackedQ6K,
  },
  q8_0: { round: { ...pairs, f16Rounding: 1 }, tile: tiles.unpackedQ8_0 },
  q8_1: { round: { ...pairs, f16Rounding: 2 }, tile: tiles.unpackedQ8_1 },
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
  const { round, tile } = multipliers[layout];
  const together = rows === 1 ? 1 : 4;
  const groups = Math.ceil(rows / together);
  const byOutput = rows === 1 && layout === "f32";
  const multiply = {
    kernel: `linear${rows === 1 ? 1 : ""}_${layout}`,
    items: byOutput ? outputs : Math.ceil(outputs / 8),
    grain: Math.ceil(multiplicationsPerChunk(rows * inputs * outputs, threads) / (rows * inputs * (byOutput ? 1 : 8))),
    local: rows === 1 ? 0 : tiles.sumsBytes + Math.ceil(inputs / 32) * tile,
  };
  if (rows === 1 && !round) return [multiply];
  const shared = { reads: [0], items: groups, grain: Math.ceil(4096 / (inputs * together)) };
  const prepare: Pick<CpuKernel, "kernel" | "params" | "scratchBytes"> = round
    ? {
        kernel: round.kernel,
        params: { rows, inputs, together, span: round.span, f16Rounding: round.f16Rounding, part: round.part },
        scratchBytes: groups * (inputs / round.span) * round.bytes[together],
      }
    : { kernel: "groupTokens", params: { rows, inputs, together: inputs }, scratchBytes: groups * inputs * 16 };
  return [{ ...prepare, ...shared }, multiply];
}
