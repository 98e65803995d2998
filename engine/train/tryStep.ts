// What a step of a fine-tuning takes on this machine, before there is one.

import type { Engine } from "../engine";
import { sequenceLength } from "./dataset";
import { createFineTuning, type FineTuningOptions } from "./fineTuning";
import { pack } from "./pack";

export interface TriedStep {
  milliseconds: number;
  /** Beside the model, in bytes. */
  memory: number;
  /** That are trained. */
  parameters: number;
}

/** `pause` is awaited whenever something else has interrupted the step. */
export async function tryStep(
  engine: Engine,
  options: FineTuningOptions,
  pause: () => Promise<void>,
): Promise<TriedStep> {
  const length = sequenceLength(engine.info);
  const ids = Int32Array.from({ length: length + 1 }, (_, i) => i % 200); // any will do
  const project = pack([{ ids, learned: new Uint8Array(ids.length).fill(1) }], length);
  let waited = 0;
  const wait = async () => {
    const since = performance.now();
    await pause();
    waited += performance.now() - since;
  };
  // The passes of a step are alike: one of them tells.
  const fineTuning = await createFineTuning(
    engine.model,
    { ...options, size: 1, steps: 1, replayWeight: 0 },
    { project, replay: [] },
    wait,
  );
  try {
    await wait();
    waited = 0;
    const since = performance.now();
    await fineTuning.step();
    const milliseconds = options.size * (performance.now() - since - waited);
    return { milliseconds, memory: fineTuning.bytes, parameters: fineTuning.parameters };
  } finally {
    fineTuning.dispose();
  }
}
