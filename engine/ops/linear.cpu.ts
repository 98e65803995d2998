// Which kernels multiply on the CPU: those of the weight's layout, for one token or for groups of four.

import type { Call, CpuKernel } from "./op";

/** Bytes a block of 32 columns takes: of rounded activations, by how many tokens are together; of an unpacked tile. */
interface Multiplier {
  round?: { kernel: string; bytes: Readonly<Record<1 | 4, number>> };
  tile: number;
}

const bytes: Multiplier["round"] = { kernel: "roundBytes", bytes: { 1: 48, 4: 160 } };
const pairs: Multiplier["round"] = { kernel: "roundPairs", bytes: { 1: 80, 4: 304 } };

const multipliers: Readonly<Record<string, Multiplier>> = {
  f32: { tile: 1024 },
  f16: { tile: 1024 },
  bf16: { tile: 1024 },
  q4_0: { round: bytes, tile: 320 },
  q4_1: { round: bytes, tile: 320 },
  q4_k: { round: bytes, tile: 320 },
  q8_0: { round: pairs, tile: 544 },
  q8_k: { round: pairs, tile: 640 },
};

/** Multiplications that are worth taking at once. */
const share = 32768;

export function linearOnCpu({
  params: { rows, inputs, outputs },
  layouts: [, layout],
}: Call<{ rows: number; inputs: number; outputs: number; biased: number }>): CpuKernel[] {
  const { round, tile } = multipliers[layout];
  const together = rows === 1 ? 1 : 4;
  const groups = Math.ceil(rows / together);
  const byOutput = rows === 1 && layout === "f32";
  const multiply = {
    kernel: `linear${rows === 1 ? 1 : ""}_${layout}`,
    items: byOutput ? outputs : Math.ceil(outputs / 8),
    grain: Math.ceil(share / (rows * inputs * (byOutput ? 1 : 8))),
    local: rows === 1 ? 0 : Math.ceil(inputs / 32) * tile,
  };
  if (rows === 1 && !round) return [multiply];
  const prepare = round
    ? { kernel: round.kernel, leaves: groups * (inputs / 32) * round.bytes[together] }
    : { kernel: "groupTokens", leaves: groups * inputs * 16 };
  const grain = Math.ceil(share / 8 / (inputs * together));
  return [{ ...prepare, params: { rows, inputs, together }, reads: [0], items: groups, grain }, multiply];
}
