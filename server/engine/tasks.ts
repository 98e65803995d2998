// What takes long in the engine's thread: counting tokens, trying a training step, giving a lesson.
import { join } from "node:path";
import {
  CheckpointError,
  createDataset,
  type Engine,
  type Example,
  type FineTuned,
  layOutExamples,
  runFineTuning,
  tryStep,
  writeGgufAdapter,
  writeWhole,
} from "../../engine";
import { type LessonFiles, lessonFiles, readLesson, readMaterial } from "../lesson/stored";
import type { Handlers, LessonNews, Task } from "./messages";
import type { Turns } from "./turns";

export interface Tasks extends Handlers<Task> {
  /** The lesson takes no further step. */
  stop(): void;
}

/** `tell` brings what is new of the task of that id. */
export function createTasks(engine: Engine, turns: Turns, tell: (id: number, news: LessonNews) => void): Tasks {
  let stopped = false;

  return {
    stop() {
      stopped = true;
      turns.hold(false);
    },

    async count(texts, signal) {
      const counts: number[] = [];
      for (const text of texts) {
        counts.push(engine.tokenizer.encode(text).length);
        await turns.pause(signal);
      }
      return counts;
    },

    tryStep: (options, signal) =>
      tryStep(
        engine,
        options,
        () => turns.pause(signal),
        (work) => turns.undisturbed(work, signal),
      ),

    async teach({ folder }, signal, id) {
      stopped = false;
      const pause = () => turns.pause(signal);
      const files = lessonFiles(folder);
      const { name, options } = await readLesson(folder);

      /** Holds itself up until someone lets it try again. */
      async function unsaved({ message }: CheckpointError) {
        tell(id, { kind: "unsaved", problem: message });
        turns.hold(true);
        await pause();
      }

      try {
        const material = await readMaterial(folder);
        const examples = await layOutExamples(material, options.seed, engine, pause);
        const dataset = createDataset(examples, material.heldOut, options, engine);
        const fineTuned = await runFineTuning(engine, options, dataset, {
          folder: files.progress,
          name,
          pause,
          undisturbed: (work) => turns.undisturbed(work, signal),
          stopped: () => stopped,
          unsaved,
          tell: (news) => tell(id, news),
        });
        if (fineTuned) await untilSaved(() => writeOutcome(files, fineTuned), unsaved);
        return fineTuned?.report;
      } finally {
        turns.hold(false);
      }
    },

    async writeData({ lesson, folder }, signal) {
      const { options } = await readLesson(lesson);
      const pause = () => turns.pause(signal);
      const { info, tokenizer, baseFillInMiddle: fillInMiddle } = engine; // the adapters that are on it stay here
      const reader = { info, tokenizer, fillInMiddle };
      const { learned, heldOut, ...replayed } = await layOutExamples(
        await readMaterial(lesson),
        options.seed,
        reader,
        pause,
      );
      const files = {
        train: learned,
        held_out: heldOut,
        replay: replayed.replay,
        replay_held_out: replayed.replayHeldOut,
      };
      const texts = Object.entries(files).map(
        ([name, rows]) => [join(folder, `${name}.jsonl`), linesOf(rows)] as const,
      );
      await writeWhole(Object.fromEntries(texts.map(([path, text]) => [path, (file) => file.writeFile(text)])));
      return texts.map(([path]) => path);
    },
  };
}

/** As trl takes them. */
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
