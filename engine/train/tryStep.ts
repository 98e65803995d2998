// Measures how long the parts of a fine-tuning take on this machine, to plan one.

import type { Engine } from "../engine";
import { createClock, type Waiting } from "./clock";
import { sequenceLength } from "./dataset";
import type { Speed } from "./duration";
import { createFineTuning, type FineTuningOptions } from "./fineTuning";
import { pack } from "./pack";

export interface TriedStep {
  speed: Speed;
  /** Bytes that it takes beside the model. */
  memory: number;
  /** How many numbers are trained. */
  parameters: number;
}

/** Tokens that are written to measure writing. */
const written = 8;

/** `pause` and `undisturbed`: see Waiting. */
export async function tryStep(
  engine: Engine,
  options: FineTuningOptions,
  pause: Waiting["pause"],
  undisturbed: Waiting["undisturbed"],
): Promise<TriedStep> {
  const length = sequenceLength(engine.info);
  const ids = Int32Array.from({ length: length + 1 }, (_, i) => i % 200); // any will do
  const project = pack([{ ids, learned: new Uint8Array(ids.length).fill(1) }], length);
  const clock = createClock({ pause, undisturbed });
  async function timed(work: () => Promise<unknown>): Promise<number> {
    await clock.pause();
    const started = clock.now();
    await work();
    return clock.now() - started;
  }

  // The passes of a step are alike, so one is measured.
  const fineTuning = await createFineTuning(
    engine.model,
    { ...options, size: 1, steps: 1, replayWeight: 0 },
    { project, replay: [] },
    clock.pause,
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
async function tryLine(engine: Engine, ids: number[], undisturbed: Waiting["undisturbed"]) {
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
