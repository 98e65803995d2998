// Runs a whole fine-tuning: measures, trains step by step, measures again. It may be paused and stopped at any time, and
// goes on from the last saved progress after its process was killed.

import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, ScaledAdapter } from "../engine";
import type { Adapter } from "../load/adapter";
import { CheckpointError } from "../load/checkpoint";
import { createClock, type Waiting } from "./clock";
import type { Dataset } from "./dataset";
import { isMeasuredAfter } from "./duration";
import { createFineTuning, type FineTuning, type FineTuningOptions } from "./fineTuning";
import { meanLoss, measure } from "./measure";
import { type HeldOutLoss, type Notes, readNotes, writeNotes } from "./notes";
import { stepsOfProgress } from "./progress";
import { type BeforeAfter, type Measured, type Report, reportOf } from "./report";

/** Where a run keeps its progress, and how it shares its thread. */
export interface RunOptions extends Waiting {
  /** A folder of the run's own, for its progress. */
  folder: string;
  /** The adapter's name. */
  name: string;
  /** Awaited between steps, and whenever something else has interrupted one, which then goes on. Ends the run by throwing. */
  pause(): Promise<void>;
  /** Ends the run where it is: the steps taken are saved, and the signal's reason is thrown. `pause` must throw it too. */
  signal?: AbortSignal;
  /** Whether to end early: a step, or the measuring before the first, is then given up where `pause` interrupts it. */
  stopped(): boolean;
  /** Called where progress could not be saved. Saving is tried again when it returns; ends the run by throwing. */
  unsaved(error: CheckpointError): Promise<void>;
  onEvent(event: TrainingEvent): void;
}

export type TrainingEvent =
  /** Comes once, before all else: what was done already, and why the run starts again if it does. */
  | { kind: "begun"; losses: readonly number[]; heldOut: HeldOutLoss[]; problem?: string }
  /** With the milliseconds spent on this measuring so far. */
  | { kind: "measuring"; what: "before" | "between" | "after"; share: number; milliseconds: number }
  | { kind: "step"; step: number; loss: number; milliseconds: number }
  | ({ kind: "heldOut" } & HeldOutLoss);

export interface FineTuned {
  adapter: Adapter;
  report: Report;
}

/** Milliseconds between two savings, and bytes saved per millisecond, which make them more frequent for small adapters. */
const saveEvery = 30_000;
const saveRate = 2000;

/** Undefined where it was stopped before its first step. Damaged progress is removed, and the run starts again. */
export async function runFineTuning(
  engine: Engine,
  options: FineTuningOptions,
  dataset: Dataset,
  runOptions: RunOptions,
): Promise<FineTuned | undefined> {
  try {
    return await run(engine, options, dataset, runOptions).catch(async (error) => {
      if (!(error instanceof Damaged)) throw error;
      await rm(runOptions.folder, { recursive: true });
      return run(
        engine,
        options,
        dataset,
        runOptions,
        `${error.message}. The training starts again from the beginning.`,
      );
    });
  } catch (error) {
    if (error instanceof StoppedEarly) return undefined;
    throw error;
  }
}

const progressName = "progress.gguf";

/** Saved progress cannot be read. */
class Damaged extends Error {}
class StoppedEarly extends Error {}

async function run(
  engine: Engine,
  options: FineTuningOptions,
  dataset: Dataset,
  runOptions: RunOptions,
  problem?: string,
) {
  const { name, stopped, onEvent } = runOptions;
  const { project, replay, heldOut, lines } = dataset;
  let measuresAfter = false;
  const clock = createClock({
    undisturbed: runOptions.undisturbed,
    async pause() {
      await runOptions.pause();
      if (stopped() && !measuresAfter) throw new StoppedEarly();
    },
  });
  const fineTuning = await createFineTuning(engine.model, options, { project, replay }, clock.pause);
  const kept = keep(fineTuning, dataset, runOptions);
  let reached: Notes | undefined;
  try {
    const known = await kept.read();
    const step = () => fineTuning.progress.step;
    onEvent({
      kind: "begun",
      losses: fineTuning.progress.losses.map(perToken),
      heldOut: known?.heldOut ?? [],
      problem,
    });
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
        onEvent({ kind: "step", step: step(), loss, milliseconds });
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
    if (runOptions.signal?.aborted && reached) await kept.write(reached);
    throw error;
  } finally {
    fineTuning.dispose();
  }

  /** A step's loss is the project's plus λ times the replay data's. */
  function perToken(loss: number): number {
    return loss / (1 + (replay.length ? options.replayWeight : 0));
  }

  function measured(what: keyof BeforeAfter, adapters: readonly ScaledAdapter[]): Promise<Measured> {
    const started = clock.now();
    return measure(engine, fineTuning, adapters, dataset, {
      undisturbed: clock.undisturbed,
      onProgress(share) {
        onEvent({ kind: "measuring", what, share, milliseconds: clock.now() - started });
        if (stopped() && !measuresAfter) throw new StoppedEarly();
      },
    });
  }

  /** The loss on the same sequences as before and after. */
  function lossBetween(): Promise<number> {
    const started = clock.now();
    let done = 0;
    return meanLoss(fineTuning, heldOut, () => {
      const milliseconds = clock.now() - started;
      onEvent({ kind: "measuring", what: "between", share: ++done / heldOut.length, milliseconds });
    });
  }

  function note({ heldOut: known }: Notes, loss: number) {
    const at = { step: fineTuning.progress.step, loss };
    known.push(at);
    onEvent({ kind: "heldOut", ...at });
  }
}

/** Does the work until its end, or until it throws StoppedEarly. */
async function untilStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoppedEarly)) throw error;
  }
}

/** The progress of a run in its folder: parameters in one file, measurements in the other. */
function keep(fineTuning: FineTuning, { heldOut, lines }: Dataset, { folder, stopped, unsaved }: RunOptions) {
  const progressFile = join(folder, progressName);
  const notesFile = join(folder, "notes.json");
  // A digest: what is kept holds no line of the texts.
  const training = createHash("sha256")
    .update(JSON.stringify([fineTuning.training, heldOut.length, lines.map(({ truth }) => truth)]))
    .digest("base64");
  return {
    /** Restores the progress; undefined where there is none, or another fine-tuning's. */
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
