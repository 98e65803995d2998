// The usual options of a fine-tuning: the size of each kind of adapter, and how it is trained.

import { type AdapterConfig, defaultTargets } from "./adapter";
import type { FineTuningOptions } from "./fineTuning";

type Kind = AdapterConfig["kind"];

const adapters: Record<Kind, Omit<AdapterConfig, "kind" | "targets">> = {
  lora: { rank: 16, alpha: 32, experts: 1 },
  loramoe: { rank: 8, alpha: 16, experts: 6 },
};

export const fineTuningOptions = (kind: Kind, steps: number): FineTuningOptions => ({
  adapter: { kind, targets: defaultTargets[kind], ...adapters[kind] },
  steps,
  size: 4,
  rate: 3e-3,
  replayWeight: 0.5,
  seed: 1,
});
