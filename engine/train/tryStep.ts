// What the parts of a fine-tuning take on this machine, before there is one.

import type { Engine } from "../engine";
import { sequenceLength } from "./dataset";
import type { Speed } from "./duration";
import { createFineTuning, type FineTuningOptions } from "./fineTuning";
import type { MeasureOptions } from "./measure";
import { pack } from "./pack";

export interface TriedStep {
  speed: Speed;
  /** Beside the model, in bytes. */
  memory: number;
  /** That are trained. */
  parameters: number;
}

/** Tokens that are written. */
const written = 8;

/** `pause` is awaited whenever something else has interrupted the step. */
export async function tryStep(
  engine: Engine,
  options: FineTuningOptions,
  pause: () => Promise<void>,
  undisturbed: MeasureOptions["undisturbed"],
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
  /** In milliseconds, without waiting. */
  async function timed(work: () => Promise<unknown>): Promise<number> {
    await wait();
    waited = 0;
    const since = performance.now();
    await work();
    return performance.now() - since - waited;
  }

  // The passes of a step are alike: one of them tells.
  const fineTuning = await createFineTuning(
    engine.model,
    { ...options, size: 1, steps: 1, replayWeight: 0 },
    { project, replay: [] },
    wait,
  );
  try {
    const step = options.size * (await timed(() => fineTuning.step()));
    const loss = await timed(() => fineTuning.loss(project));
    const { bytes: memory, parameters } = fineTuning;
    return { speed: { step, loss, ...(await tryLine(engine, [...ids], undisturbed)) }, memory, parameters };
  } finally {
    fineTuning.dispose();
  }
}

/** Milliseconds to read a token of a prompt, and to write one. */
async function tryLine(engine: Engine, ids: number[], undisturbed: MeasureOptions["undisturbed"]) {
  const session = await engine.trial([], ids.length);
  let attempts = 0;
  try {
    return await undisturbed(async (signal) => {
      const prompt = [++attempts, ...ids.slice(0, ids.length >> 1)]; // nothing of it was read in an attempt before
      const began = performance.now();
      await session.prefill(prompt, signal);
      const readAll = performance.now();
      let count = 0;
      for await (const _ of session.generate([...prompt, 0], { maxTokens: written, signal })) count++;
      return { read: (readAll - began) / prompt.length, write: (performance.now() - readAll) / count };
    });
  } finally {
    session.dispose();
  }
}
