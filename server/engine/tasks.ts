// The background tasks of the engine's thread: counting tokens, trying a training step, running a lesson, exporting its data.
import { join } from "node:path";
import {
  CheckpointError,
  createDataset,
  type Engine,
  type Example,
  type FineTuned,
  layOutExamples,
  layOutReplay,
  runFineTuning,
  tryStep,
  writeGgufAdapter,
  writeWhole,
} from "../../engine";
import { type LessonFiles, lessonFiles, readLesson, readMaterial } from "../lesson/stored";
import type { BackgroundTasks, Handlers, LessonEvent } from "./messages";
import type { Scheduler } from "./scheduler";

export interface Tasks extends Handlers<BackgroundTasks> {
  /** Ends the running lesson early: it takes no further step and is measured. */
  stop(): void;
}

/** `onEvent` reports progress of the task with that id. */
export function createTasks(
  engine: Engine,
  scheduler: Scheduler,
  onEvent: (id: number, event: LessonEvent) => void,
): Tasks {
  let stopped = false;

  return {
    stop() {
      stopped = true;
      scheduler.suspend(false);
    },

    async count(texts, signal) {
      const counts: number[] = [];
      for (const text of texts) {
        counts.push(engine.tokenizer.encode(text).length);
        await scheduler.pause(signal);
      }
      return counts;
    },

    tryStep: (options, signal) =>
      tryStep(
        engine,
        options,
        () => scheduler.pause(signal),
        (work) => scheduler.undisturbed(work, signal),
      ),

    async teach({ folder }, signal, id) {
      stopped = false;
      const pause = () => scheduler.pause(signal);
      const files = lessonFiles(folder);
      const { name, options } = await readLesson(folder);

      /** Suspends the lesson until the user resumes it; then saving is tried again. */
      async function unsaved({ message }: CheckpointError) {
        onEvent(id, { kind: "unsaved", problem: message });
        scheduler.suspend(true);
        await pause();
      }

      try {
        const material = await readMaterial(folder);
        const examples = await layOutExamples(material, options.seed, engine, pause);
        const dataset = await createDataset(examples, material.heldOut, options, engine, pause);
        const fineTuned = await runFineTuning(engine, options, dataset, {
          folder: files.progress,
          name,
          pause,
          undisturbed: (work) => scheduler.undisturbed(work, signal),
          stopped: () => stopped,
          unsaved,
          onEvent: (event) => onEvent(id, event),
        });
        if (fineTuned) await untilSaved(() => writeOutcome(files, fineTuned), unsaved);
        return fineTuned?.report;
      } finally {
        scheduler.suspend(false);
      }
    },

    async writeData({ lesson, folder }, signal) {
      const { options } = await readLesson(lesson);
      const pause = () => scheduler.pause(signal);
      const { info, tokenizer, baseFillInMiddle: fillInMiddle } = engine; // without the workspace's adapters, which are not exported
      const reader = { info, tokenizer, fillInMiddle };
      const project = await layOutExamples(await readMaterial(lesson), options.seed, reader, pause);
      const replay = await layOutReplay(options.seed, reader, pause);
      const files = {
        train: project.learned,
        held_out: project.heldOut,
        replay: replay.learned,
        replay_held_out: replay.heldOut,
      };
      const texts = Object.entries(files).map(
        ([name, rows]) => [join(folder, `${name}.jsonl`), linesOf(rows)] as const,
      );
      await writeWhole(Object.fromEntries(texts.map(([path, text]) => [path, (file) => file.writeFile(text)])));
      return texts.map(([path]) => path);
    },
  };
}

/** JSON Lines in the format of trl's pre-tokenized datasets. */
const linesOf = (examples: readonly Example[]) =>
  examples
    .map(
      ({ ids, learned }) =>
        `${JSON.stringify({ input_ids: [...ids], completion_mask: Array.from(learned, (weight) => Math.min(weight, 1)) })}\n`,
    )
    .join("");

async function writeOutcome({ report, adapter }: LessonFiles, outcome: FineTuned) {
  await writeWhole({ [report]: (file) => file.writeFile(JSON.stringify(outcome.report)) });
  await writeGgufAdapter(adapter, outcome.adapter);
}

async function untilSaved(write: () => Promise<void>, unsaved: (error: CheckpointError) => Promise<void>) {
  for (;;)
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      await unsaved(error);
    }
}
