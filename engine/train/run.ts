// A whole fineTuning: measured before, taught step by step, measured after. It may be held up and stopped at any time, and one
// whose process was killed goes on where it last wrote down how far it had come.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, ScaledAdapter } from "../engine";
import type { Adapter } from "../load/adapter";
import { CheckpointError } from "../load/checkpoint";
import type { Dataset } from "./dataset";
import { createFineTuning, type FineTuning } from "./fineTuning";
import { type MeasureOptions, meanLoss, measure } from "./measure";
import { type HeldOutLoss, type Notes, readNotes, writeNotes } from "./notes";
import { type BeforeAfter, type Measured, type Report, reportOf } from "./report";

/** Where a fine-tuning is kept, and how it gets along with what else is done. */
export interface Surroundings extends Pick<MeasureOptions, "undisturbed"> {
  /** Of its own, for what it needs to go on later. */
  folder: string;
  /** Of its adapter. */
  name: string;
  /** Awaited between steps, and whenever something else has interrupted one, which then goes on. May throw to end it all. */
  pause(): Promise<void>;
  /** Whether to take no further step. */
  stopped(): boolean;
  /** How far it has come could not be written down. Returns when to try again; may throw to end it all. */
  unsaved(error: CheckpointError): Promise<void>;
  tell(news: News): void;
}

export type News =
  /** Told once, before all else: what was done already, and why it begins anew where it does. */
  | { kind: "begun"; losses: readonly number[]; heldOut: HeldOutLoss[]; problem?: string }
  | { kind: "measuring"; what: keyof BeforeAfter; share: number }
  | { kind: "step"; step: number; loss: number; milliseconds: number }
  | ({ kind: "heldOut" } & HeldOutLoss);

export interface FineTuned {
  adapter: Adapter;
  report: Report;
}

/** How often the loss on the files held out is measured between, on so many sequences for each one learned from. */
const measurements = 10;
const watchedShare = 1 / 40;
const leastWatched = 2;
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

/** What was kept to go on with cannot be read. */
class Damaged extends Error {}
class StoppedEarly extends Error {}

async function run(engine: Engine, dataset: Dataset, surroundings: Surroundings, problem?: string) {
  const { name, stopped, tell } = surroundings;
  const { options, project, replay, heldOut, lines } = dataset;
  const clock = createClock(surroundings.pause);
  const fineTuning = await createFineTuning(engine.model, options, { project, replay }, clock.pause);
  const kept = keep(fineTuning, dataset, surroundings);
  try {
    const known = await kept.read();
    const step = () => fineTuning.progress.step;
    tell({ kind: "begun", losses: fineTuning.progress.losses.map(perToken), heldOut: known?.heldOut ?? [], problem });
    const notes = known ?? { before: await measured("before", []), heldOut: [], milliseconds: 0 };
    if (!known) {
      await watch(notes);
      await kept.write(notes);
    }

    const every = Math.max(1, Math.round(options.steps / measurements));
    const patience = Math.min(saveEvery, (12 * fineTuning.parameters) / saveRate);
    for (let saved = performance.now(); step() < options.steps && !stopped(); await clock.pause()) {
      const started = clock.now();
      const loss = perToken(await fineTuning.step());
      if (!Number.isFinite(loss)) throw new Error(`After step ${step()} the loss is ${loss}; a lower rate may help.`);
      const milliseconds = clock.now() - started;
      notes.milliseconds += milliseconds;
      tell({ kind: "step", step: step(), loss, milliseconds });
      if (step() % every === 0) await watch(notes);
      if (performance.now() - saved < patience) continue;
      await kept.write(notes);
      saved = performance.now();
    }
    if (step() === 0) return undefined;
    if (notes.heldOut.at(-1)?.step !== step()) await watch(notes);
    await kept.write(notes);
    const adapter = await fineTuning.adapter(name, {});
    const after = await measured("after", [{ adapter, scale: 1 }]);
    const report = reportOf(lines, notes.before, after, { minutes: notes.milliseconds / 60_000, steps: step() });
    return { adapter: { ...adapter, metadata: { made: new Date().toISOString(), report } }, report };
  } catch (error) {
    if (error instanceof StoppedEarly) return undefined;
    throw error;
  } finally {
    fineTuning.dispose();
  }

  /** A step's loss is the project's and λ times that of replay text. */
  function perToken(loss: number): number {
    return loss / (1 + (replay.length ? options.replayWeight : 0));
  }

  function measured(what: keyof BeforeAfter, adapters: readonly ScaledAdapter[]): Promise<Measured> {
    return measure(engine, fineTuning, adapters, dataset, {
      undisturbed: surroundings.undisturbed,
      onProgress(share) {
        tell({ kind: "measuring", what, share });
        if (what === "before" && stopped()) throw new StoppedEarly();
      },
    });
  }

  async function watch({ heldOut: known }: Notes) {
    const count = Math.max(leastWatched, Math.ceil(options.steps * options.size * watchedShare));
    const at = { step: fineTuning.progress.step, loss: await meanLoss(fineTuning, heldOut.slice(0, count)) };
    known.push(at);
    tell({ kind: "heldOut", ...at });
  }
}

/** What a fine-tuning needs to go on later, in its folder. */
function keep(fineTuning: FineTuning, { heldOut, lines }: Dataset, { folder, stopped, unsaved }: Surroundings) {
  const progressFile = join(folder, "progress.gguf");
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

/** Time that is not spent waiting. */
function createClock(pause: () => Promise<void>) {
  let waited = 0;
  return {
    now: () => performance.now() - waited,
    async pause() {
      const since = performance.now();
      await pause();
      waited += performance.now() - since;
    },
  };
}
