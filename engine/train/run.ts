// A whole fine-tuning: measured before, trained step by step, measured after. It may be held up and stopped at any time, and one
// whose process was killed goes on where it last wrote down how far it had come.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, ScaledAdapter } from "../engine";
import type { Adapter } from "../load/adapter";
import { CheckpointError } from "../load/checkpoint";
import type { Dataset } from "./dataset";
import { isMeasuredAfter } from "./duration";
import { createFineTuning, type FineTuning } from "./fineTuning";
import { type MeasureOptions, meanLoss, measure } from "./measure";
import { type HeldOutLoss, type Notes, readNotes, writeNotes } from "./notes";
import { stepsOfProgress } from "./progress";
import { type BeforeAfter, type Measured, type Report, reportOf } from "./report";

/** Where a fine-tuning is kept, and how it gets along with what else is done. */
export interface Surroundings extends Pick<MeasureOptions, "undisturbed"> {
  /** Of its own, for what it needs to go on later. */
  folder: string;
  /** Of its adapter. */
  name: string;
  /** Awaited between steps, and whenever something else has interrupted one, which then goes on. May throw to end it all. */
  pause(): Promise<void>;
  /** Ends it where it is: no step is lost of what was taken, and the signal's reason is thrown. `pause` throws it too. */
  signal?: AbortSignal;
  /** Whether it is to end early: a step or a measuring before that `pause` interrupts is given up then. */
  stopped(): boolean;
  /** How far it has come could not be written down. Returns when to try again; may throw to end it all. */
  unsaved(error: CheckpointError): Promise<void>;
  tell(news: News): void;
}

export type News =
  /** Told once, before all else: what was done already, and why it begins anew where it does. */
  | { kind: "begun"; losses: readonly number[]; heldOut: HeldOutLoss[]; problem?: string }
  /** `milliseconds`: spent on this measuring so far. */
  | { kind: "measuring"; what: "before" | "between" | "after"; share: number; milliseconds: number }
  | { kind: "step"; step: number; loss: number; milliseconds: number }
  | ({ kind: "heldOut" } & HeldOutLoss);

export interface FineTuned {
  adapter: Adapter;
  report: Report;
}

/** It is written down so often, in milliseconds, and the more often the less there is to write, in bytes a millisecond. */
const saveEvery = 30_000;
const saveRate = 2000;

/** Undefined where it was stopped before its first step. */
export async function runFineTuning(
  engine: Engine,
  dataset: Dataset,
  surroundings: Surroundings,
): Promise<FineTuned | undefined> {
  try {
    return await run(engine, dataset, surroundings);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    await rm(surroundings.folder, { recursive: true });
    return run(engine, dataset, surroundings, `${error.message}. The training begins anew.`);
  }
}

const progressName = "progress.gguf";

/** What was kept to go on with cannot be read. */
class Damaged extends Error {}
class StoppedEarly extends Error {}

async function run(engine: Engine, dataset: Dataset, surroundings: Surroundings, problem?: string) {
  const { name, stopped, tell } = surroundings;
  const { options, project, replay, heldOut, lines } = dataset;
  let measuresAfter = false;
  const clock = createClock({
    undisturbed: surroundings.undisturbed,
    async pause() {
      await surroundings.pause();
      if (stopped() && !measuresAfter) throw new StoppedEarly();
    },
  });
  const fineTuning = await createFineTuning(engine.model, options, { project, replay }, clock.pause);
  const kept = keep(fineTuning, dataset, surroundings);
  let reached: Notes | undefined;
  try {
    const known = await kept.read();
    const step = () => fineTuning.progress.step;
    tell({ kind: "begun", losses: fineTuning.progress.losses.map(perToken), heldOut: known?.heldOut ?? [], problem });
    const notes = known ?? { before: await measured("before", []), heldOut: [], milliseconds: 0 };
    if (!known) {
      note(notes, notes.before.heldOutLoss);
      await kept.write(notes);
    }
    reached = notes;

    const patience = Math.min(saveEvery, (12 * fineTuning.parameters) / saveRate);
    let saved = performance.now();
    await untilStopped(async () => {
      for (; step() < options.steps && !stopped(); await clock.pause()) {
        const started = clock.now();
        const loss = perToken(await fineTuning.step());
        if (!Number.isFinite(loss)) throw new Error(`After step ${step()} the loss is ${loss}; a lower rate may help.`);
        const milliseconds = clock.now() - started;
        notes.milliseconds += milliseconds;
        tell({ kind: "step", step: step(), loss, milliseconds });
        if (isMeasuredAfter(step(), options.steps)) note(notes, await lossBetween());
        if (performance.now() - saved < patience) continue;
        await kept.write(notes);
        saved = performance.now();
      }
    });
    measuresAfter = true;
    if (step() === 0) return undefined;
    await kept.write(notes);
    const adapter = await fineTuning.adapter(name, {});
    const after = await measured("after", [{ adapter, scale: 1 }]);
    note(notes, after.heldOutLoss);
    const report = reportOf(lines, notes.before, after, { minutes: notes.milliseconds / 60_000, steps: step() });
    return { adapter: { ...adapter, metadata: { made: new Date().toISOString(), report } }, report };
  } catch (error) {
    if (error instanceof StoppedEarly) return undefined;
    if (surroundings.signal?.aborted && reached) await kept.write(reached);
    throw error;
  } finally {
    fineTuning.dispose();
  }

  /** A step's loss is the project's and λ times that of replay text. */
  function perToken(loss: number): number {
    return loss / (1 + (replay.length ? options.replayWeight : 0));
  }

  function measured(what: keyof BeforeAfter, adapters: readonly ScaledAdapter[]): Promise<Measured> {
    const started = clock.now();
    return measure(engine, fineTuning, adapters, dataset, {
      undisturbed: clock.undisturbed,
      onProgress(share) {
        tell({ kind: "measuring", what, share, milliseconds: clock.now() - started });
        if (stopped() && !measuresAfter) throw new StoppedEarly();
      },
    });
  }

  /** On the same sequences as before and after. */
  function lossBetween(): Promise<number> {
    const started = clock.now();
    let done = 0;
    return meanLoss(fineTuning, heldOut, () => {
      const milliseconds = clock.now() - started;
      tell({ kind: "measuring", what: "between", share: ++done / heldOut.length, milliseconds });
    });
  }

  function note({ heldOut: known }: Notes, loss: number) {
    const at = { step: fineTuning.progress.step, loss };
    known.push(at);
    tell({ kind: "heldOut", ...at });
  }
}

async function untilStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoppedEarly)) throw error;
  }
}

/** What a fine-tuning needs to go on later, in its folder. */
function keep(fineTuning: FineTuning, { heldOut, lines }: Dataset, { folder, stopped, unsaved }: Surroundings) {
  const progressFile = join(folder, progressName);
  const notesFile = join(folder, "notes.json");
  const training = JSON.stringify([fineTuning.training, heldOut.length, lines.map(({ truth }) => truth)]);
  return {
    /** Goes on with what is there, where it is this fine-tuning's. */
    async read(): Promise<Notes | undefined> {
      try {
        const notes = await readNotes(notesFile, training);
        if (!notes || !(await fineTuning.restore(progressFile))) return undefined;
        const { step } = fineTuning.progress;
        return { ...notes, heldOut: notes.heldOut.filter((at) => at.step <= step) };
      } catch (error) {
        if (error instanceof CheckpointError) throw new Damaged(error.message);
        throw error;
      }
    },
    async write(notes: Notes) {
      for (;;)
        try {
          await mkdir(folder, { recursive: true });
          await writeNotes(notesFile, training, notes);
          return await fineTuning.save(progressFile);
        } catch (error) {
          if (!(error instanceof CheckpointError)) throw error;
          if (stopped()) return; // it is only measured now
          await unsaved(error);
        }
    },
  };
}

/** The steps of the fine-tuning whose progress is in the folder; undefined where there is none, or it cannot be read. */
export const plannedSteps = (folder: string): Promise<number | undefined> =>
  stepsOfProgress(join(folder, progressName));

/** Time that is not spent waiting. */
function createClock({ pause, undisturbed }: Pick<Surroundings, "pause" | "undisturbed">) {
  let waited = 0;
  return {
    now: () => performance.now() - waited,
    async pause() {
      const since = performance.now();
      await pause();
      waited += performance.now() - since;
    },
    async undisturbed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const since = performance.now();
      let worked = 0;
      const result = await undisturbed(async (signal) => {
        const started = performance.now();
        return work(signal).finally(() => {
          worked += performance.now() - started;
        });
      });
      waited += performance.now() - since - worked;
      return result;
    },
  };
}
