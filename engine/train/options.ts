// The options of a fine-tuning: what each kind of adapter is made of, how long it takes, and how much is read in that time.
import { type AdapterConfig, defaultTargets } from "./adapter";
import type { FineTuningOptions } from "./fineTuning";

type Kind = AdapterConfig["kind"];

const adapters: Record<Kind, Omit<AdapterConfig, "kind" | "targets">> = {
  lora: { rank: 16, alpha: 32, experts: 1 },
  loramoe: { rank: 8, alpha: 16, experts: 6 },
};

/** Reading the same for a fourth time still teaches about as much as reading something new (arXiv:2305.16264). */
const mostEpochs = 4;

export const fineTuningOptions = (kind: Kind, steps: number): FineTuningOptions => ({
  adapter: { kind, targets: defaultTargets[kind], ...adapters[kind] },
  steps,
  size: 4,
  rate: 3e-3,
  replayWeight: 0.5,
  seed: 1,
});

/** As many steps as there is time for and sense in, where one takes so long, and so many read everything once. */
export function stepsWithin(minutes: number, milliseconds: number, epoch: number): number {
  const time = Math.floor((minutes * 60_000) / milliseconds);
  return Math.max(1, Math.min(time, Math.ceil(mostEpochs * epoch)));
}
