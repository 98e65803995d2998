// Which kernels multiply on the CPU: those of the weight's layout, for one token or for groups of four.

import type { LinearParams } from "./linear";
import * as tiles from "./linear.tiles";
import type { Call, CpuKernel } from "./op";

interface Multiplier {
  /** How activations are rounded; where not said, they are not. */
  round?: Rounding;
  /** Bytes that 32 columns take of a tile when it is unpacked. */
  tile: number;
}

interface Rounding {
  kernel: string;
  /** Columns that share a scale, and bytes that these take, by how many tokens are together. */
  span: number;
  bytes: Readonly<Record<1 | 4, number>>;
  /** See linear.round.simd.ts. */
  halved: number;
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
const supers = { kernel: "roundSupers", span: 256, halved: 0 } as const;

const multipliers: Readonly<Record<string, Multiplier>> = {
  f32: { tile: tiles.unpackedFloats },
  f16: { tile: tiles.unpackedFloats },
  bf16: { tile: tiles.unpackedFloats },
  q4_0: { round: { ...bytes, halved: 1 }, tile: tiles.unpackedQ4 },
  q4_1: { round: { ...bytes, halved: 2 }, tile: tiles.unpackedQ4 },
  q4_k: {
    round: { ...supers, bytes: { 1: tiles.roundedSuper32, 4: 4 * tiles.roundedSuper32 }, part: 32 },
    tile: tiles.unpackedQ4K,
  },
  q6_k: {
    round: { ...supers, bytes: { 1: tiles.roundedSuper16, 4: 4 * tiles.roundedSuper16 }, part: 16 },
    tile: tiles.unpackedQ6K,
  },
  q8_0: { round: { ...pairs, halved: 1 }, tile: tiles.unpackedQ8_0 },
  q8_1: { round: { ...pairs, halved: 2 }, tile: tiles.unpackedQ8_1 },
};

/**
 * Multiplications that a thread takes at once: a quarter of its part, within bounds. Shares too small make two threads'
 * reads of memory alternate between places, which halves its speed; too large, they make one wait for another.
 */
const share = (all: number, threads: number) => Math.min(2 ** 21, Math.max(2 ** 15, all / (4 * threads)));

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
    grain: Math.ceil(share(rows * inputs * outputs, threads) / (rows * inputs * (byOutput ? 1 : 8))),
    local: rows === 1 ? 0 : tiles.sumsBytes + Math.ceil(inputs / 32) * tile,
  };
  if (rows === 1 && !round) return [multiply];
  const shared = { reads: [0], items: groups, grain: Math.ceil(4096 / (inputs * together)) };
  const prepare: Pick<CpuKernel, "kernel" | "params" | "scratchBytes"> = round
    ? {
        kernel: round.kernel,
        params: { rows, inputs, together, span: round.span, halved: round.halved, part: round.part },
        scratchBytes: groups * (inputs / round.span) * round.bytes[together],
      }
    : { kernel: "groupTokens", params: { rows, inputs, together: inputs }, scratchBytes: groups * inputs * 16 };
  return [{ ...prepare, ...shared }, multiply];
}
